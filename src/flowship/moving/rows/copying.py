"""Copies tables: the old side is read and made ready by one thread, while another waits for the new side to write.

A batch and how far its table is are written in one transaction. Whoever is killed goes on behind the last one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowship.moving.rows import batches, statements
from flowship.moving.rows.ahead import Ahead
from flowship.moving.rows.lines import MODULUS
from flowship.moving.rows.notes import note
from flowship.moving.rows.sessions import execute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from flowship.database.url import Kind as DatabaseKind
    from flowship.moving.rows.batches import Batch, Prepared
    from flowship.moving.rows.sessions import Connection
    from flowship.moving.rows.tables import Moved

    Change = Callable[[Batch], Batch]

AHEAD = 2
"""Batches that are read while one is written."""


@dataclass(frozen=True)
class Place:
    """How far a table is."""

    after: tuple[Any, ...] = ()
    rows: int = 0
    sum: int = 0
    """Of the rows as they were read, and changed where something changes."""
    done: bool = False

    def behind(self, batch: Prepared) -> Place:
        """Give the place behind the next batch."""
        return Place(tuple(batch.after), self.rows + len(batch.rows), (self.sum + batch.sum) % MODULUS)

    def as_json(self) -> dict[str, Any]:
        """Write it as the new side keeps it."""
        return {"after": list(self.after), "rows": self.rows, "sum": f"{self.sum:016x}", "done": self.done}


def place(kept: Mapping[str, Any] | None) -> Place:
    """Read a place as the new side has kept it; a table of which nothing is kept is at its beginning."""
    if kept is None:
        return Place()
    return Place(tuple(kept["after"]), int(kept["rows"]), int(kept["sum"], 16), bool(kept["done"]))


@dataclass(frozen=True)
class Sides:
    """The connections between which tables are copied."""

    old: Connection
    old_kind: DatabaseKind
    new: Connection
    new_kind: DatabaseKind


def copy(sides: Sides, table: Moved, begun: Place, change: Change, report: Callable[[int], None]) -> Place:
    """Copy what is left of a table; `change` is done to each batch. Gives the place behind its end."""
    here = begun
    for batch in Ahead(lambda: _read(sides, table, begun, change), AHEAD):
        batches.write(sides.new, table, sides.new_kind, batch)
        here = here.behind(batch)
        note(sides.new, sides.new_kind, table.name, here.as_json())
        if hasty := statements.MAY_BE_LOST.get(sides.new_kind):
            execute(sides.new, hasty)
        sides.new.commit()
        report(len(batch.rows))
    end = Place(here.after, here.rows, here.sum, done=True)
    if numbering := statements.numbering(table, sides.new_kind):
        execute(sides.new, numbering)
    note(sides.new, sides.new_kind, table.name, end.as_json())
    sides.new.commit()
    return end


def _read(sides: Sides, table: Moved, begun: Place, change: Change) -> Iterator[Prepared]:
    for batch in batches.read(sides.old, table, sides.old_kind, begun.after):
        yield batches.prepared(change(batch), table)
