"""Tells what a pending migration will do, for `flowship check --live`: rows are counted, and nothing is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.check import Check
from flowship.database.migrating.foretelling import how_long, locks, of_servers_before, which
from flowship.database.migrating.outlook import outlook
from flowship.database.migrating.revision import Standing, read_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from flowship.database.database import Database


def outcomes(database: Database) -> Iterator[Check]:
    """Say what is pending, how long it takes, what it locks, and what servers of before do, if anything is."""
    if database.is_file and not database.file.exists():
        return
    engine = database.engine()
    state = read_state(engine, database.part)
    if state.standing is not Standing.OLDER or not state.used:
        return
    ahead = outlook(database.part, database.kind, state.revision)
    rows = _counted(engine, ahead.locked)
    for sentence in (which(ahead), how_long(ahead, rows), locks(ahead), *of_servers_before(ahead)):
        yield Check(True, f"{database.key}: {sentence}")


def _counted(engine: Engine, tables: tuple[str, ...]) -> dict[str, int]:
    from sqlalchemy import func, inspect, select
    from sqlalchemy import table as any_table

    with engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
        return {
            name: int(connection.execute(select(func.count()).select_from(any_table(name))).scalar_one())
            for name in tables
            if name in there
        }
