"""The mark that a database keeps while a backup is restored into it.

PostgreSQL undoes a load that dies, MySQL keeps what it has of it. The mark tells the tables that a restore makes, so
that the next try may remove them, and nothing else; and while it is there, nobody migrates or serves what is half
restored.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING

from flowship.errors import MigrationError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Table

    from flowship.database.database import Database

TABLE = "flowship_restore"


@dataclass(frozen=True)
class UnfinishedRestore:
    """A restore that was begun, as the mark tells it."""

    backup: str
    """The name of the backup."""
    since: str
    """When, in UTC."""
    tables: list[str]
    """What the restore makes, as its dump spells it."""


def mark(database: Database, restore: UnfinishedRestore) -> None:
    """Mark an empty database: a restore into it begins."""
    text = json.dumps(asdict(restore))
    if database.is_file:
        _sidecar(database).write_text(text)
        return
    table = _table()
    with database.engine().begin() as connection:
        table.create(connection, checkfirst=True)
        connection.execute(table.delete())
        connection.execute(table.insert().values(note=text))


def find(database: Database) -> UnfinishedRestore | None:
    """Find the restore into a database that was begun and is not finished, if there is one."""
    from sqlalchemy import inspect, select

    if database.is_file:
        sidecar = _sidecar(database)
        text = sidecar.read_text() if sidecar.exists() else None
    else:
        with database.engine().connect() as connection:
            there = inspect(connection).has_table(TABLE)
            text = connection.execute(select(_table().c.note)).scalar() if there else None
    return UnfinishedRestore(**json.loads(text)) if text else None


def unmark(database: Database) -> None:
    """Remove the mark from a database: the restore into it is finished."""
    if database.is_file:
        _sidecar(database).unlink(missing_ok=True)
    else:
        _table().drop(database.engine(), checkfirst=True)


def tables(database: Database) -> list[str]:
    """List the tables of a database, the mark's own left out; a file that is not there has none."""
    from sqlalchemy import inspect

    if database.is_file and not database.file.exists():
        return []
    return [name for name in inspect(database.engine()).get_table_names() if name != TABLE]


def remove_tables(database: Database, unfinished: UnfinishedRestore) -> None:
    """Remove what an unfinished restore has made; PostgreSQL has done so itself."""
    if database.is_file:
        file = database.file
        for path in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
            path.unlink(missing_ok=True)
        return
    if database.kind == "mysql":
        engine = database.engine()
        quote = engine.dialect.identifier_preparer.quote_identifier
        with engine.connect() as connection:
            connection.exec_driver_sql("SET SESSION foreign_key_checks = 0")
            for name in unfinished.tables:
                connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quote(name)}")


def refuse(database: Database) -> None:
    """Refuse a database that a restore has not finished with.

    Raises:
        MigrationError: with the command that finishes it.
    """
    if unfinished := find(database):
        raise MigrationError(
            f"{database.named}: the restore of backup {unfinished.backup}, begun at {unfinished.since}, has not"
            " finished. Wait until it has; if it was interrupted, run `flowship restore` again, or let the Job do so."
        )


def _sidecar(database: Database) -> Path:
    file = database.file
    return file.with_name(f"{file.name}.restoring")


@cache
def _table() -> Table:
    from sqlalchemy import Column, MetaData, Table, Text

    return Table(TABLE, MetaData(), Column("note", Text, nullable=False))
