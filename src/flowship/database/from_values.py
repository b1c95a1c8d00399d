"""The databases that the values name: this is where a URL comes from, and the key that errors about it name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowship.database.database import Database, Databases
from flowship.database.drivers import MYSQL
from flowship.database.part import Part
from flowship.database.url import server_url, sqlite_url
from flowship.values.model.signing_in import FROM_OUTSIDE, method

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import URL

    from flowship.values.model.root import Values
    from flowship.values.model.storage.bundled import Mysql, Postgresql
    from flowship.values.model.storage.stores import MySQL, Postgres

TRACKING_FILE = "mlflow.db"


def databases(values: Values, data: Path, bundled_host: str | None = None) -> Databases:
    """Make the databases that the values name. A bundled server's host is known to Helm only, so it is handed in."""
    tracking = tracking_database(values, data, bundled_host)
    return Databases(tracking, _auth_database(values, data, tracking) if has_users(values) else None)


def has_users(values: Values) -> bool:
    """Tell whether there is a database of users and permissions."""
    return method(values) != "none"


def tracking_database(values: Values, data: Path, bundled_host: str | None = None) -> Database:
    """Make the database of runs and models: the server that is enabled, else a SQLite file in the data directory. That
    one server at most is enabled is for the values' own rules."""
    store, host = values.backendStore, bundled_host or ""
    if store.postgres.enabled:
        key, url = "backendStore.postgres", _postgres(store.postgres)
    elif store.mysql.enabled:
        key, url = "backendStore.mysql", _mysql(store.mysql)
    elif values.postgresql.enabled:
        key, url = "postgresql", _bundled_postgres(values.postgresql, host, store.postgres.driver)
    elif values.mysql.enabled:
        key, url = "mysql", _bundled_mysql(values.mysql, host)
    else:
        key, url = "backendStore", sqlite_url(tracking_file(data))
    return Database(Part.TRACKING, url, key)


def _auth_database(values: Values, data: Path, tracking: Database) -> Database:
    """Make the database of users and permissions: `auth.postgres`, else a SQLite file, but with users from outside
    alone beside the runs if those are in PostgreSQL.

    Not in MySQL: MLflow gives two constraints of its users' tables one name, which only MySQL and MariaDB refuse.
    """
    if values.auth.postgres.enabled:
        return Database(Part.AUTH, _postgres(values.auth.postgres), "auth.postgres")
    if method(values) in FROM_OUTSIDE and not values.auth.enabled and tracking.kind == "postgresql":
        return replace(tracking, part=Part.AUTH)
    return Database(Part.AUTH, sqlite_url(auth_file(values, data)), "auth.sqliteFile")


def tracking_file(data: Path) -> Path:
    """Give the SQLite file of runs and models."""
    return data.absolute() / TRACKING_FILE


def auth_file(values: Values, data: Path) -> Path:
    """Give the SQLite file of users and permissions; what is not absolute is below the data directory."""
    auth = values.auth
    if not auth.sqliteFullPath:
        return data.absolute() / auth.sqliteFile
    # The directory and the file were joined as text before, so that a slash may be at either side, or both.
    return data.absolute() / auth.sqliteFullPath / auth.sqliteFile.lstrip("/")


def _postgres(section: Postgres) -> URL:
    return _server(_postgres_dialect(section.driver), section)


def _mysql(section: MySQL) -> URL:
    return _server(MYSQL, section)


def _server(dialect: str, section: Postgres | MySQL) -> URL:
    return server_url(
        dialect,
        user=section.user,
        password=section.password,
        host=section.host,
        port=section.port,
        database=section.database,
    )


def _bundled_postgres(section: Postgresql, host: str, driver: str) -> URL:
    return server_url(
        _postgres_dialect(driver),
        user=section.auth.username or "postgres",
        password=section.auth.password,
        host=host,
        port=section.primary.service.ports.postgresql,
        database=section.auth.database,
    )


def _bundled_mysql(section: Mysql, host: str) -> URL:
    return server_url(
        MYSQL,
        user=section.auth.username or "root",
        password=section.auth.password,
        host=host,
        port=section.primary.service.ports.mysql,
        database=section.auth.database,
    )


def _postgres_dialect(driver: str) -> str:
    return f"postgresql+{driver or 'psycopg2'}"
