"""A small table of Flowship's own beside MLflow's: what must be made once and then stay, such as Flask's key.

MLflow looks only for the tables it knows, so this one does not disturb it; it is made when first needed.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from flowship.database.own_tables.making import made_once
from flowship.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine, Table

NAME = "flowship_settings"


def get(engine: Engine, name: str) -> str | None:
    """Read the value that is kept under a name, or None; a missing table holds nothing."""
    from sqlalchemy import inspect, select

    if not inspect(engine).has_table(NAME):
        return None
    table = _table()
    with engine.connect() as connection:
        value = connection.execute(select(table.c.value).where(table.c.name == name)).scalar()
        return None if value is None else str(value)


def put(engine: Engine, name: str, value: str) -> None:
    """Keep a value under a name, in place of the one before. Raises DatabaseError when the table cannot be made."""
    from sqlalchemy import update

    create(engine)
    table = _table()
    with engine.begin() as connection:
        changed = connection.execute(update(table).where(table.c.name == name).values(value=value)).rowcount
    if not changed and not _insert(engine, name, value):
        # Somebody else inserted it in between; or it was the same value, which MySQL may count as no change.
        with engine.begin() as connection:
            connection.execute(update(table).where(table.c.name == name).values(value=value))


def keep(engine: Engine, name: str, make: Callable[[], str], *, instead: str = "set flaskServerSecretKey") -> str:
    """Read the value that is kept under a name; it is made and kept when there is none. Of many that ask at once, all
    get the same.

    `instead` says what a user may do when the table cannot be made. Raises DatabaseError with it.
    """
    if (value := get(engine, name)) is not None:
        return value
    create(engine, instead=instead)
    _insert(engine, name, make())
    value = get(engine, name)
    if value is None:
        raise DatabaseError(f"The value {name} vanished from the table {NAME}.")
    return value


def forget(engine: Engine, name: str) -> None:
    """Remove what is kept under a name, if anything."""
    from sqlalchemy import delete, inspect

    if inspect(engine).has_table(NAME):
        table = _table()
        with engine.begin() as connection:
            connection.execute(delete(table).where(table.c.name == name))


def names(engine: Engine) -> list[str]:
    """List the names under which something is kept; a missing table holds nothing."""
    from sqlalchemy import inspect, select

    if not inspect(engine).has_table(NAME):
        return []
    table = _table()
    with engine.connect() as connection:
        return sorted(connection.execute(select(table.c.name)).scalars())


def create(engine: Engine, *, instead: str = "set flaskServerSecretKey") -> None:
    """Make Flowship's own table unless it exists. Raises DatabaseError, saying what to do `instead`, when that is not
    allowed."""
    made_once(engine, _table(), instead=instead)


def _insert(engine: Engine, name: str, value: str) -> bool:
    """Insert unless the name is taken; whether it was inserted."""
    from sqlalchemy import insert
    from sqlalchemy.exc import IntegrityError

    try:
        with engine.begin() as connection:
            connection.execute(insert(_table()).values(name=name, value=value))
    except IntegrityError:
        return False
    return True


@cache
def _table() -> Table:
    from sqlalchemy import Column, MetaData, String, Table, Text

    return Table(
        NAME,
        MetaData(),
        Column("name", String(191), primary_key=True),  # the longest key of MySQL's older row formats
        Column("value", Text, nullable=False),
    )
