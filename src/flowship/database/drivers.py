"""The drivers that Flowship connects with: their names in a URL, and what brings each. What else a new
one needs is in docs/explanation/architecture.md."""

from __future__ import annotations

from typing import NamedTuple

# With its driver, as the others: and MLflow makes a directory for what starts with "sqlite:///" without undoing the
# URL's escapes, so that a data directory in /home/josé would leave an empty /home/jos%C3%A9 behind, or fail at it.
SQLITE = "sqlite+pysqlite"
PSYCOPG2 = "postgresql+psycopg2"
PSYCOPG = "postgresql+psycopg"
MYSQL = "mysql+pymysqlutf8"


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
    PSYCOPG2: Driver("postgresql+psycopg2", "psycopg2", "postgres"),
    PSYCOPG: Driver("postgresql+psycopg", "psycopg", "postgres"),
    MYSQL: Driver("mysql+pymysql", "pymysql", "mysql"),
}
