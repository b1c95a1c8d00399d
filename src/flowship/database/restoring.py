"""The note that a database keeps while a backup is restored into it.

PostgreSQL undoes a load that dies, MySQL keeps what it has of it. The note tells the tables that a restore makes, so
that the next try may remove them, and nothing else; and while it is there, nobody migrates or serves what is half
restored.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from flowship.database.engine import open_engine
from flowship.database.url import is_sqlite, shown, sqlite_file
from flowship.errors import MigrationError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import URL, Connection, Engine, Table

TABLE = "flowship_restore"


@dataclass(frozen=True)
class Note:
    """A restore that was begun."""

    backup: str
    """The name of the backup."""
    since: str
    """When, in UTC."""
    tables: list[str]
    """What the restore makes, as its dump spells it."""


def begin(url: URL, note: Note) -> None:
    """Note that a restore begins; the database must be empty."""
    text = json.dumps(asdict(note))
    if is_sqlite(url):
        _sidecar(url).write_text(text)
        return
    engine = open_engine(url)
    table = _table()
    with engine.begin() as connection:
        table.create(connection, checkfirst=True)
        connection.execute(table.delete())
        connection.execute(table.insert().values(note=text))


def note(url: URL) -> Note | None:
    """The restore that was begun and is not finished, if there is one."""
    from sqlalchemy import inspect, select

    if is_sqlite(url):
        sidecar = _sidecar(url)
        text = sidecar.read_text() if sidecar.exists() else None
    else:
        with open_engine(url).connect() as connection:
            there = inspect(connection).has_table(TABLE)
            text = connection.execute(select(_table().c.note)).scalar() if there else None
    return Note(**json.loads(text)) if text else None


def end(url: URL) -> None:
    """Forget the note: the restore is finished."""
    if is_sqlite(url):
        _sidecar(url).unlink(missing_ok=True)
    else:
        _table().drop(open_engine(url), checkfirst=True)


def tables(url: URL) -> list[str]:
    """The tables of a database, the note's own left out; a file that is not there has none."""
    from sqlalchemy import inspect

    if is_sqlite(url) and not sqlite_file(url).exists():
        return []
    return [name for name in inspect(open_engine(url)).get_table_names() if name != TABLE]


def clear(url: URL, unfinished: Note) -> None:
    """Remove what an unfinished restore has made; PostgreSQL has done so itself."""
    if is_sqlite(url):
        file = sqlite_file(url)
        for path in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
            path.unlink(missing_ok=True)
        return
    if url.get_backend_name() == "mysql":
        engine = open_engine(url)
        with engine.connect() as connection:
            connection.exec_driver_sql("SET SESSION foreign_key_checks = 0")
            for name in unfinished.tables:
                connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quoted(engine, name)}")


def count_rows(connection: Connection, engine: Engine, name: str) -> int:
    """How many rows a table has, which a dump spells so."""
    statement = f"SELECT count(*) FROM {quoted(engine, name)}"  # noqa: S608 - quoted
    return int(connection.exec_driver_sql(statement).scalar_one())


def quoted(engine: Engine, name: str) -> str:
    """A table's name in SQL: as PostgreSQL's dumps spell it, schema included, it is quoted already."""
    if engine.dialect.name == "postgresql":
        return name
    return engine.dialect.identifier_preparer.quote_identifier(name)


def refuse_unfinished(url: URL, key: str) -> None:
    """Refuse a database that a restore has not finished with.

    Raises:
        MigrationError: with the command that finishes it.
    """
    if unfinished := note(url):
        raise MigrationError(
            f"{key} ({shown(url)}): the restore of backup {unfinished.backup}, begun at {unfinished.since}, has not"
            " finished. Wait until it has; if it was interrupted, run `flowship restore` again, or let the Job do so."
        )


def _sidecar(url: URL) -> Path:
    file = sqlite_file(url)
    return file.with_name(f"{file.name}.restoring")


def _table() -> Table:
    from sqlalchemy import Column, MetaData, Table, Text

    return Table(TABLE, MetaData(), Column("note", Text, nullable=False))
