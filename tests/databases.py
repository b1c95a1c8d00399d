"""The databases of tests, with the keys by which values would name them, and MLflow's tables in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import MetaData

from flowship.database.database import Database, Databases
from flowship.database.part import Part
from flowship.database.url import is_sqlite, kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import URL, Engine, Table

KEYS = {"sqlite": "backendStore", "postgresql": "backendStore.postgres", "mysql": "backendStore.mysql"}


def tracking_at(url: URL, key: str = "") -> Database:
    """The tracking database at this URL."""
    return Database(Part.TRACKING, url, key or KEYS[kind(url)])


def users_at(url: URL) -> Database:
    """The database of users at this URL."""
    return Database(Part.AUTH, url, "auth.sqliteFile" if is_sqlite(url) else "auth.postgres")


def databases_at(tracking: URL, auth: URL | None = None) -> Databases:
    """Both, or only the tracking database."""
    return Databases(tracking_at(tracking), users_at(auth) if auth is not None else None)


def make_tables(engine: Engine, tables: Iterable[Table]) -> None:
    """Make these tables of MLflow's in an empty database, without its migrations, which take seconds.

    Each has its constraints once: MLflow's migrations, each time that they ran in this process,
    have given its tables constraints of the same names again."""
    metadata = MetaData()
    for table in tables:
        copy = table.to_metadata(metadata)
        named = {constraint.name: constraint for constraint in copy.constraints if constraint.name}
        copy.constraints = {each for each in copy.constraints if not each.name} | set(named.values())
    metadata.create_all(engine)
