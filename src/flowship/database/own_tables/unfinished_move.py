"""What the database that everything moves into knows of the move: whence, and how far each table is.

A batch of rows and how far its table is then are kept in one transaction, so that whoever goes on knows exactly what is
there. While the table exists, nobody migrates, serves or backs up what is half moved.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from flowship.database.own_tables.making import made_once
from flowship.errors import MigrationError

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table

    from flowship.database.database import Database

TABLE = "flowship_move"
WHENCE = "from-"
"""How the names of the rows begin that say from where each part comes; no table has such a name."""


FINISHED = "finished-"
"""The row that says that nothing is left to be done but to forget the move."""


def begin(engine: Engine, name: str, whence: str) -> None:
    """Note from where a part comes. Raises DatabaseError when the table cannot be made."""
    made_once(engine, _table(), instead="give it the right to make tables while it is moved into")
    with engine.begin() as connection:
        connection.execute(_table().insert().values(name=name, state=json.dumps({"whence": whence})))


def find(engine: Engine) -> dict[str, dict[str, Any]] | None:
    """Read how far the move into a database is, by table; None when there is none."""
    from sqlalchemy import inspect, select

    if not inspect(engine).has_table(TABLE):
        return None
    with engine.connect() as connection:
        rows = connection.execute(select(_table())).all()
    return {str(name): json.loads(state) for name, state in rows}


def finish(engine: Engine) -> None:
    """Note that everything is there, before it is forgotten in one database after the other."""
    with engine.begin() as connection:
        connection.execute((table := _table()).delete().where(table.c.name == FINISHED))
        connection.execute(table.insert().values(name=FINISHED, state="{}"))


def end(engine: Engine) -> None:
    """Forget the move: everything is there."""
    _table().drop(engine, checkfirst=True)


def refuse(database: Database) -> None:
    """Refuse a database that a move has not finished with.

    Raises:
        MigrationError: it says what finishes it.
    """
    if database.is_file and not database.file.exists():
        return
    if found := find(database.engine()):
        whence = next((state["whence"] for state in found.values() if "whence" in state), "another database")
        raise MigrationError(
            f"{database.named}: the move from {whence} has not finished. Wait until it has; if it was interrupted, run"
            " the same `flowship move` again, which goes on where it was."
        )


@cache
def _table() -> Table:
    """Give the table."""
    from sqlalchemy import Column, MetaData, String, Table, Text

    return Table(
        TABLE,
        MetaData(),
        Column("name", String(191), primary_key=True),  # the longest key of MySQL's older row formats
        Column("state", Text, nullable=False),
    )
