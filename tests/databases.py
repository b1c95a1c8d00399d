"""The databases of tests, with the keys by which values would name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.database.database import Database, Databases
from flowship.database.part import Part
from flowship.database.url import is_sqlite, kind

if TYPE_CHECKING:
    from sqlalchemy import URL

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
