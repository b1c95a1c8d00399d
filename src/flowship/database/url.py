"""The databases' URLs: from the values by SQLAlchemy's `URL`, with the driver always named.

A URL without a driver means another one with each version of SQLAlchemy, and one put together from text breaks at the
first special character of a password. MLflow is given `URL.render_as_string(hide_password=False)` in an environment
variable.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import URL

from flowship.errors import MissingExtraError

if TYPE_CHECKING:
    from flowship.values.model.root import Values
    from flowship.values.model.stores import MySQL, Postgres

TRACKING_FILE = "mlflow.db"

# With its driver, as the others: and MLflow makes a directory for what starts with "sqlite:///" without undoing the
# URL's escapes, so that a data directory in /home/josé would leave an empty /home/jos%C3%A9 behind, or fail at it.
SQLITE = "sqlite+pysqlite"
MYSQL = "mysql+pymysqlutf8"


PLUGIN = "flowship"
"""The name of our plugin for MLflow's engines, see `served`."""


class Driver(NamedTuple):
    """The library behind a driver's name in a URL."""

    shown: str
    """The dialect as people know it."""
    module: str
    """What must be importable."""
    extra: str
    """The extra of Flowship that brings it; empty when Python does."""


DRIVERS = {
    SQLITE: Driver("sqlite", "sqlite3", ""),
    "postgresql+psycopg2": Driver("postgresql+psycopg2", "psycopg2", "postgres"),
    "postgresql+psycopg": Driver("postgresql+psycopg", "psycopg", "postgres"),
    MYSQL: Driver("mysql+pymysql", "pymysql", "mysql"),
}


def tracking_key(values: Values) -> str:
    """The key of the values that names the tracking database; "backendStore" when that is a SQLite file."""
    if values.backendStore.postgres.enabled:
        return "backendStore.postgres"
    if values.backendStore.mysql.enabled:
        return "backendStore.mysql"
    if values.postgresql.enabled:
        return "postgresql"
    return "mysql" if values.mysql.enabled else "backendStore"


def has_users(values: Values) -> bool:
    """Whether there is a database of users and permissions."""
    return values.auth.enabled or values.ldapAuth.enabled


def auth_key(values: Values) -> str:
    """The key of the values that names the database of users and permissions."""
    if values.auth.postgres.enabled:
        return "auth.postgres"
    return tracking_key(values) if _beside_runs(values) else "auth.sqliteFile"


def tracking_url(values: Values, data: Path, bundled_host: str | None = None) -> URL:
    """Where runs and models are kept: the server that is enabled, else a SQLite file in the data directory.

    A bundled server's host is known to Helm only, so it is handed in. That one server at most is enabled is for the
    values' own rules.
    """
    store = values.backendStore
    if store.postgres.enabled:
        return _postgres_url(store.postgres)
    if store.mysql.enabled:
        return _mysql_url(store.mysql)
    if values.postgresql.enabled:
        bundled = values.postgresql
        return _server_url(
            _postgres_dialect(store.postgres.driver),
            user=bundled.auth.username or "postgres",
            password=bundled.auth.password,
            host=bundled_host or "",
            port=bundled.primary.service.ports.postgresql,
            database=bundled.auth.database,
        )
    if values.mysql.enabled:
        mysql = values.mysql
        return _server_url(
            MYSQL,
            user=mysql.auth.username or "root",
            password=mysql.auth.password,
            host=bundled_host or "",
            port=mysql.primary.service.ports.mysql,
            database=mysql.auth.database,
        )
    return sqlite_url(tracking_file(data))


def auth_url(values: Values, data: Path, bundled_host: str | None = None) -> URL:
    """Where users and permissions are kept: `auth.postgres`, else a SQLite file, but with LDAP beside the runs if
    those are in PostgreSQL.

    Not in MySQL: MLflow gives two constraints of its users' tables one name, which only MySQL and MariaDB refuse.
    """
    if values.auth.postgres.enabled:
        return _postgres_url(values.auth.postgres)
    if _beside_runs(values):
        return tracking_url(values, data, bundled_host)
    return sqlite_url(auth_file(values, data))


def _beside_runs(values: Values) -> bool:
    return values.ldapAuth.enabled and tracking_key(values) in ("backendStore.postgres", "postgresql")


def tracking_file(data: Path) -> Path:
    """The SQLite file of runs and models."""
    return data.absolute() / TRACKING_FILE


def auth_file(values: Values, data: Path) -> Path:
    """The SQLite file of users and permissions; what is not absolute is below the data directory."""
    auth = values.auth
    if not auth.sqliteFullPath:
        return data.absolute() / auth.sqliteFile
    # The directory and the file were joined as text before, so that a slash may be at either side, or both.
    return data.absolute() / auth.sqliteFullPath / auth.sqliteFile.lstrip("/")


def sqlite_url(file: Path) -> URL:
    """The URL of a SQLite file, independent of the working directory."""
    return URL.create(SQLITE, database=str(file.absolute()))


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def sqlite_file(url: URL) -> Path:
    """The file of a SQLite URL."""
    return Path(url.database or "")


def shown(url: URL) -> str:
    """The URL for people: the password as ***, the dialect as they know it, special characters as they are."""
    driver = DRIVERS.get(url.drivername)
    dialect = driver.shown if driver else url.drivername
    if is_sqlite(url):
        return f"{dialect}:///{url.database}"
    user = f"{url.username}{':***' if url.password else ''}@" if url.username else ""
    name = server_host(url)
    host = f"[{name}]" if ":" in name else name
    return f"{dialect}://{user}{host}:{url.port}/{url.database or ''}"


def server_host(url: URL) -> str:
    """The server's name or address; with PostgreSQL also several with commas between, or a socket's directory."""
    host = url.host or url.query.get("host", "")
    return host if isinstance(host, str) else ",".join(host)


def place(url: URL) -> str:
    """Where the server listens, for people."""
    host = server_host(url)
    return f"{host}/.s.PGSQL.{url.port}" if is_directory(host) else f"{host}:{url.port}"


def is_directory(host: str) -> bool:
    """Whether PostgreSQL's library takes it for the directory of a socket."""
    return host.startswith("/")


def served_url(url: URL) -> str:
    """The URL that MLflow's server is told, password included."""
    return url.update_query_dict({"plugin": PLUGIN}).render_as_string(hide_password=False)


def require_driver(url: URL, key: str) -> None:
    """Refuse a URL whose driver is not installed.

    Raises MissingExtraError, which names the key and the command that installs the driver.
    """
    driver = DRIVERS[url.drivername]
    if importlib.util.find_spec(driver.module) is None:
        raise MissingExtraError(key=key, extra=driver.extra)


def _postgres_dialect(driver: str) -> str:
    return f"postgresql+{driver or 'psycopg2'}"


def _postgres_url(section: Postgres) -> URL:
    return _server_url(
        _postgres_dialect(section.driver),
        user=section.user,
        password=section.password,
        host=section.host,
        port=section.port,
        database=section.database,
    )


def _mysql_url(section: MySQL) -> URL:
    return _server_url(
        MYSQL,
        user=section.user,
        password=section.password,
        host=section.host,
        port=section.port,
        database=section.database,
    )


def _server_url(dialect: str, *, user: str, password: str, host: str, port: int, database: str) -> URL:
    """Nothing instead of an empty text: the drivers then ask their own environment (PGPASSWORD, ~/.pgpass)."""
    # A directory has characters that end a host in a URL, so it is handed to the driver as an option.
    socket = is_directory(host)
    return URL.create(
        dialect,
        username=user or None,
        password=password or None,
        host=None if socket else host or None,
        port=port,
        database=database or None,
        query={"host": host} if socket else {},
    )
