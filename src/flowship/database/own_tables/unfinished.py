"""A database that is half restored or half moved, in which nobody but whoever finishes it has anything to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.database.own_tables import unfinished_move, unfinished_restore

if TYPE_CHECKING:
    from flowship.database.database import Database


def refuse(database: Database) -> None:
    """Refuse a database that a restore or a move has not finished with.

    Raises:
        MigrationError: it says what finishes it.
    """
    unfinished_restore.refuse(database)
    unfinished_move.refuse(database)
