"""Carries the tables of one part of MLflow to the new side, and compares both."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flowship.database.own_tables import settings_table, unfinished_move
from flowship.errors import MoveError
from flowship.moving.parts import settings_to_move
from flowship.moving.report import TableReport
from flowship.moving.rows import keys, sessions
from flowship.moving.rows.batches import summed
from flowship.moving.rows.copying import Sides, copy, place
from flowship.moving.rows.statements import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.database.database import Database
    from flowship.moving.beginning import Pair
    from flowship.moving.rows.addresses import Addresses
    from flowship.moving.rows.copying import Place
    from flowship.moving.rows.sessions import Connection
    from flowship.moving.rows.tables import Moved
    from flowship.moving.told import Told


def carry(pair: Pair, addresses: Addresses, told: Told) -> list[TableReport]:
    """Copy the tables of a part, and compare both sides."""
    places = _copied(pair, addresses, told)
    _move_settings(pair)
    with sessions.reading(pair.new) as new:
        return [_compared(pair, table, places[table.name], new, told) for table in pair.tables]


def _copied(pair: Pair, addresses: Addresses, told: Told) -> dict[str, Place]:
    kept = unfinished_move.find(pair.new.engine()) or {}
    places = {table.name: place(kept.get(table.name)) for table in pair.tables}
    bare = pair.new.kind == "postgresql"
    with sessions.reading(pair.old) as old, sessions.writing(pair.new) as new:
        sides = Sides(old, pair.old.kind, new, pair.new.kind)
        left = [table for table in pair.tables if not places[table.name].done]
        if bare and left:
            keys.take_off(new, pair.new.part, places)
        for table in left:
            here = places[table.name]
            count = _counter(told, f"copying {table.name}", here.rows, _rows(pair.old, table))
            places[table.name] = copy(sides, table, here, addresses.change(table), count)
        if bare:
            keys.make_again(new, pair.new.part, partial(told.counted, "making keys and indexes"))
    return places


def _compared(pair: Pair, table: Moved, there: Place, new: Connection, told: Told) -> TableReport:
    arrived = summed(new, table, pair.new.kind, _counter(told, f"comparing {table.name}", 0, there.rows))
    return TableReport(
        part=pair.new.part,
        name=table.name,
        rows=there.rows,
        arrived=arrived.rows,
        sum=f"{there.sum:016x}",
        arrived_sum=f"{arrived.total:016x}",
        rows_now=_rows(pair.old, table),
    )


def _counter(told: Told, what: str, done: int, total: int) -> Callable[[int], None]:
    told.counted(what, total, done)
    return lambda more: told.counted(what, total, more)


def _rows(database: Database, table: Moved) -> int:
    name = quoted(database.kind)(table.name)
    with database.engine().connect() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one())  # noqa: S608 - quoted


def _move_settings(pair: Pair) -> None:
    """Move what Flowship keeps beside MLflow's tables, and read it back.

    Raises:
        MoveError: it is not there afterwards.
    """
    engine = pair.new.engine()
    for name, value in settings_to_move(pair.old.engine()).items():
        settings_table.put(engine, name, value)
        if settings_table.get(engine, name) != value:
            raise MoveError(f"{pair.new.named} does not keep the setting {name} as it is.")
