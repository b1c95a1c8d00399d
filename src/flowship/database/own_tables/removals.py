"""What is being removed for good, in a table of Flowship's own: from its first artifact to its last row, a deleted run
or experiment cannot be restored any more, and a removal that was interrupted is finished by the next one.

A row is written while that of the run is locked, and looked for when MLflow has locked that to restore it: whoever
comes first wins, and the other knows.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from flowship.database.own_tables.making import made_once

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Engine, Table

    from flowship.mlflow_seams.database.belongings import Kind

NAME = "flowship_removals"
INSTEAD = "run `flowship gc` with an administrator's rights"


def create(engine: Engine) -> None:
    """Make the table unless it exists. Raises DatabaseError when that is not allowed."""
    made_once(engine, _table(), instead=INSTEAD)


def begun(connection: Connection, kind: Kind) -> list[str]:
    """Give what of this kind is being removed."""
    table = _table()
    from sqlalchemy import select

    return list(connection.execute(select(table.c.id).where(table.c.kind == kind).order_by(table.c.id)).scalars())


def begin(connection: Connection, kind: Kind, ids: Collection[str]) -> None:
    """Write that these are being removed; those that are already stay so."""
    from sqlalchemy import insert, select

    table = _table()
    there = select(table.c.id).where(table.c.kind == kind, table.c.id.in_(ids))
    known = set(connection.execute(there).scalars())
    if missing := [{"kind": kind, "id": each} for each in ids if each not in known]:
        connection.execute(insert(table), missing)


def end(connection: Connection, kind: Kind, ids: Collection[str]) -> None:
    """Write that these are removed, or will not be."""
    from sqlalchemy import delete

    table = _table()
    connection.execute(delete(table).where(table.c.kind == kind, table.c.id.in_(ids)))


def refusal(connection: Connection, kind: Kind, name: str, experiment: int) -> str | None:
    """Tell why a run or an experiment cannot be restored; None when it can. To be asked in the transaction that has
    changed its row."""
    from sqlalchemy import inspect, or_, select

    if not connection.info.get(NAME):  # a table that is there stays
        if not inspect(connection).has_table(NAME):
            return None
        connection.info[NAME] = True
    table = _table()
    of_experiment = (table.c.kind == "experiment") & (table.c.id == str(experiment))
    found = select(table.c.kind).where(or_((table.c.kind == kind) & (table.c.id == name), of_experiment))
    # Read as it is committed now: MySQL's plain reads show what was there when the transaction began.
    if connection.execute(found.with_for_update(read=True)).first() is None:
        return None
    return f"The {kind} {name} is being removed by `flowship gc`, and cannot be restored any more."


@cache
def _table() -> Table:
    from sqlalchemy import Column, MetaData, String, Table

    return Table(
        NAME,
        MetaData(),
        Column("kind", String(16), primary_key=True),
        Column("id", String(64), primary_key=True),
    )
