"""A database of MLflow: where it is, whose tables it holds, and which key of the values names it.

Whatever waits for a database, locks, migrates, asks, backs up or checks it takes this one object.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.database.drivers import DRIVERS
from flowship.database.engine import open_engine
from flowship.database.url import kind, served_url, shown, sqlite_file
from flowship.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import URL, Engine, Pool

    from flowship.database.part import Part
    from flowship.database.url import Kind


@dataclass(frozen=True)
class Database:
    """A database, for one part of MLflow."""

    part: Part
    url: URL
    key: str
    """The key of the values that names it, such as `backendStore.postgres`."""

    @property
    def kind(self) -> Kind:
        """The kind of server, or a file."""
        return kind(self.url)

    @property
    def is_file(self) -> bool:
        """Whether it is a SQLite file, which has no server."""
        return self.kind == "sqlite"

    @property
    def file(self) -> Path:
        """The SQLite file that it is."""
        return sqlite_file(self.url)

    @property
    def shown(self) -> str:
        """The address for people, without a password."""
        return shown(self.url)

    @property
    def named(self) -> str:
        """The key and the address, for a sentence to whoever wrote the values."""
        return f"{self.key} ({self.shown})"

    @property
    def served_url(self) -> str:
        """The URL that MLflow's server is told, password included."""
        return served_url(self.url)

    def engine(
        self, *, connect_timeout: int = 10, read_timeout: int | None = None, pool: type[Pool] | None = None
    ) -> Engine:
        """Connections of Flowship's own; `open_engine` says what the limits mean."""
        return open_engine(self.url, connect_timeout=connect_timeout, read_timeout=read_timeout, pool=pool)

    def require_driver(self) -> None:
        """Refuse a database whose driver is not installed.

        Raises:
            MissingExtraError: it names the key, and the command that installs the driver.
        """
        driver = DRIVERS[self.url.drivername]
        if importlib.util.find_spec(driver.module) is None:
            raise MissingExtraError(key=self.key, extra=driver.extra)


@dataclass(frozen=True)
class Databases:
    """The databases of one MLflow server."""

    tracking: Database
    auth: Database | None = None
    """The database of users and permissions, where there are any; it may be the tracking database."""

    def __iter__(self) -> Iterator[Database]:
        """Each part's database, the tracking database first: the scripts of the auth tables may read its tables."""
        yield self.tracking
        if self.auth is not None:
            yield self.auth

    @property
    def distinct(self) -> tuple[Database, ...]:
        """The databases, one that both parts share only once."""
        if self.auth is None or self.auth.url == self.tracking.url:
            return (self.tracking,)
        return (self.tracking, self.auth)
