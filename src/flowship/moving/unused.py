"""What may be in a database that everything is moved into: what MLflow and Flowship make themselves, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.database.own_tables import settings_table
from flowship.errors import MoveError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from flowship.database.database import Database

MADE_ITSELF = {"workspaces": 1, "experiments": 1, "users": 1, "scheduler_leases": 100}
"""Tables in which a server that nobody has used has rows, and how many at most: the default workspace, the default
experiment, the admin."""


def require_unused(database: Database, tables: Iterable[str]) -> None:
    """Refuse a database that somebody has used.

    Raises:
        MoveError: it says what is there.
    """
    with database.engine().connect() as connection:
        found = [name for name in sorted(tables) if _rows(connection, name) > MADE_ITSELF.get(name, 0)]
    if found:
        raise MoveError(
            f"{database.named} is not empty: there are rows in {', '.join(found[:5])}"
            f"{', ...' if len(found) > 5 else ''}. Everything is moved into an empty database only: name another one."
        )


def clear(database: Database, tables: Iterable[str]) -> None:
    """Remove what a server has made itself; the old side has its own."""
    there = set(tables)
    with database.engine().begin() as connection:
        for name in reversed(MADE_ITSELF):
            if name in there:
                connection.exec_driver_sql(f"DELETE FROM {name}")  # noqa: S608 - names of our own
    for name in settings_table.names(database.engine()):
        settings_table.forget(database.engine(), name)


def _rows(connection: Connection, name: str) -> int:
    from sqlalchemy import func, select
    from sqlalchemy import table as any_table

    return int(connection.execute(select(func.count()).select_from(any_table(name))).scalar_one())
