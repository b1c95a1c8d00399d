"""Moves the SQLite files of the data directory into the database server that the values name now, before it serves.

Only `backendStore.fromSQLite` asks for that. It is done once: a server that has content of its own is left alone.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from flowship.artifacts.change import DESTINATION
from flowship.database.migrating import left_behind
from flowship.database.migrating.revision import Standing, read_state
from flowship.database.own_tables import settings_table, unfinished_move
from flowship.errors import MoveError
from flowship.moving import old_side
from flowship.moving.artifacts.route import route
from flowship.moving.move import move
from flowship.moving.told import Told

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flowship.database.database import Databases
    from flowship.values.model.root import Values

COPIES = "moving"
"""The directory, in the data directory, of copies of files that are of an older MLflow."""


def move_in(databases: Databases, values: Values, data: Path, report: Callable[[str], None]) -> None:
    """Move what the files hold, or go on with that, unless it was done.

    Raises:
        MoveError: it cannot be moved, or did not arrive as it was.
        DatabaseError: a database cannot be used.
    """
    begun = any(unfinished_move.find(each.engine()) is not None for each in databases.distinct if not each.is_file)
    if not begun and not left_behind.found(databases, values, data):
        return
    old = old_side.databases(None, values, data)
    copies = data / COPIES
    if any(read_state(each.engine(), each.part).standing is Standing.OLDER for each in old):
        old = old_side.copied(old, copies, report)
    kept = settings_table.get(old.tracking.engine(), DESTINATION)
    # Others that wait for this one look at the database now and then.
    found = move(old, databases, Told(report), in_use=True, route=route(None, (values, data), kept))
    if not found.same:
        names = ", ".join(table.name for table in found.differing)
        raise MoveError(
            f"Not everything arrived in {databases.tracking.named} as it was ({names or 'artifacts'}). The files in"
            f" {data} are as they were. Empty the database, and start again."
        )
    shutil.rmtree(copies, ignore_errors=True)
    report(
        f"{found.rows} rows were moved to {databases.tracking.shown}, and are the same there; the files in {data} are"
        " as they were, and not used any more"
    )
