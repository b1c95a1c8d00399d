"""The URLs of databases, as SQLAlchemy's `URL`, with the driver always named; and their parts, for people.

A URL without a driver means another one with each version of SQLAlchemy, and one put together from text breaks at the
first special character of a password. MLflow is given `URL.render_as_string(hide_password=False)` in an environment
variable.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast

from sqlalchemy import URL

from flowship.database.drivers import DRIVERS, SQLITE

PLUGIN = "flowship"
"""The name of our plugin for MLflow's engines, see `served`."""

Kind = Literal["sqlite", "postgresql", "mysql"]
"""What a database is, whatever its driver; MariaDB is of MySQL's kind."""


def server_url(dialect: str, *, user: str, password: str, host: str, port: int, database: str) -> URL:
    """Make the URL of a server's database. Nothing stands in place of an empty text: the drivers then ask their own
    environment (PGPASSWORD, ~/.pgpass)."""
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


def sqlite_url(file: Path) -> URL:
    """Make the URL of a SQLite file, independent of the working directory."""
    return URL.create(SQLITE, database=str(file.absolute()))


def kind(url: URL) -> Kind:
    """Give the kind of database behind a URL."""
    return cast("Kind", url.get_backend_name())


def is_sqlite(url: URL) -> bool:
    """Tell whether a URL is that of a SQLite file."""
    return kind(url) == "sqlite"


def sqlite_file(url: URL) -> Path:
    """Give the file of a SQLite URL."""
    return Path(url.database or "")


def shown(url: URL) -> str:
    """Write a URL for people: the password as ***, the dialect as they know it, special characters as they are."""
    driver = DRIVERS.get(url.drivername)
    dialect = driver.shown if driver else url.drivername
    if is_sqlite(url):
        return f"{dialect}:///{url.database}"
    user = f"{url.username}{':***' if url.password else ''}@" if url.username else ""
    name = server_host(url)
    host = f"[{name}]" if ":" in name else name
    return f"{dialect}://{user}{host}:{url.port}/{url.database or ''}"


def server_host(url: URL) -> str:
    """Give the server's name or address; with PostgreSQL also several with commas between, or a socket's directory."""
    host = url.host or url.query.get("host", "")
    return host if isinstance(host, str) else ",".join(host)


def listens_at(url: URL) -> str:
    """Write where a server listens, for people."""
    host = server_host(url)
    return f"{host}/.s.PGSQL.{url.port}" if is_directory(host) else f"{host}:{url.port}"


def is_directory(host: str) -> bool:
    """Tell whether PostgreSQL's library takes a host for the directory of a socket."""
    return host.startswith("/")


def served_url(url: URL) -> str:
    """Give the URL that MLflow's server is told, password included."""
    return url.update_query_dict({"plugin": PLUGIN}).render_as_string(hide_password=False)
