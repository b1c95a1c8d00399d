"""What a migration will do, before it is begun: its revisions, how long each takes, what they lock, and what servers of
the MLflow of before do meanwhile and after it.

Pure: rows are counted elsewhere. What each revision does is known from `mlflow_seams/database/revisions.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowship.database.part import Part
from flowship.mlflow_seams.database import revisions, schema
from flowship.mlflow_seams.database.revisions import Change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.database.url import Kind
    from flowship.mlflow_seams.database.revisions import Broken, Step

RATES: Mapping[Kind, Mapping[Change, int]] = {
    "postgresql": {
        Change.INDEX: 500_000,
        Change.FOREIGN_KEY: 3_000_000,
        Change.KEY: 900_000,
        Change.ROWS: 2_000,
    },
    "mysql": {
        Change.INDEX: 400_000,
        Change.TYPE: 150_000,
        Change.FOREIGN_KEY: 80_000,
        Change.KEY: 65_000,
        Change.ROWS: 2_000,
    },
    "sqlite": {
        Change.INDEX: 1_500_000,
        Change.TYPE: 400_000,
        Change.FOREIGN_KEY: 400_000,
        Change.KEY: 400_000,
        Change.ROWS: 8_000,
    },
}
"""Rows in a second of a processor, as measured, but for rows that MariaDB fills, which are taken to be as slow as
PostgreSQL's; a change that is not named takes no time for a row, such as a column
that servers add without a look at the rows. `ROWS` includes what is `MOVED`."""


@dataclass(frozen=True)
class Pending:
    """One revision that is pending."""

    revision: str
    step: Step | None
    """None for one of before MLflow 2.22, of which nothing is known here."""
    tables: Mapping[str, tuple[Change, ...]] = field(default_factory=dict)
    """The tables with rows, or that servers use already, that it changes."""


@dataclass(frozen=True)
class Outlook:
    """All that a pending migration of one part will do."""

    part: Part
    kind: Kind
    pending: tuple[Pending, ...]

    @property
    def is_known(self) -> bool:
        """Whether it is known what each of its revisions does."""
        return all(pending.step for pending in self.pending)

    @property
    def locked(self) -> tuple[str, ...]:
        """The tables that servers use already, and that it changes, in order."""
        return tuple(dict.fromkeys(table for pending in self.pending for table in pending.tables))

    @property
    def broken(self) -> tuple[Broken, ...]:
        """What servers of the MLflow of before do wrong after it."""
        new = {pending.revision for pending in self.pending}
        found = [broken for pending in self.pending if pending.step for broken in pending.step.broken]
        return tuple(broken for broken in found if broken.since not in new)

    def seconds(self, pending: Pending, rows: Mapping[str, int]) -> float:
        """Estimate how long one of its revisions takes, from the rows of each table."""
        rates = RATES[self.kind]
        return sum(
            rows.get(table, 0) / rates[change]
            for table, changes in pending.tables.items()
            for change in changes
            if change in rates
        )


def outlook(part: Part, kind: Kind, revision: str | None) -> Outlook:
    """Look ahead from the revision of a database to that of this MLflow."""
    known = revisions.TRACKING if part is Part.TRACKING else revisions.AUTH
    made: set[str] = set()
    found = []
    for each in _between(part, revision):
        step = known.get(each)
        if step is None:
            found.append(Pending(each, None))
            continue
        found.append(Pending(each, step, {name: does for name, does in step.changes.items() if name not in made}))
        made.update(step.makes)
    return Outlook(part, kind, tuple(found))


def _between(part: Part, revision: str | None) -> list[str]:
    below = schema.revisions(part.migrations)
    found = []
    each: str | None = part.head
    while each is not None and each != revision:
        found.append(each)
        each = below[each]
    return found[::-1]
