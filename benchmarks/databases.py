"""Databases on the PostgreSQL of the tests: seeded once, and copied for each run, so that all start from the same."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from psycopg import sql

from tests.integration.servers.database import Database, fresh_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.servers.postgres import PostgresServer


@dataclass(frozen=True)
class Databases:
    """What one server keeps its data in."""

    tracking: Database
    users: Database
    """Users and permissions; unused without authentication."""


@contextmanager
def copied(postgres: PostgresServer, originals: Databases) -> Iterator[Databases]:
    """Copies for one run, removed after it. The originals must not be in use."""
    copies = Databases(_copy(postgres, originals.tracking), _copy(postgres, originals.users))
    try:
        yield copies
    finally:
        for database in (copies.tracking, copies.users):
            postgres.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database.name)))


def _copy(postgres: PostgresServer, original: Database) -> Database:
    copy = replace(original, name=fresh_name())
    names = map(sql.Identifier, (copy.name, copy.user, original.name))
    postgres.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(*names))
    # A copy has no statistics yet, and how soon they come would differ from run to run.
    postgres.execute("ANALYZE", copy.name)
    return copy
