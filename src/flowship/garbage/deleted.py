"""What was deleted, and when, as the database tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, MetaData, or_, select

from flowship.garbage.tables import column
from flowship.mlflow_seams.database.belongings import DELETED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from flowship.garbage.writing import Writing
    from flowship.mlflow_seams.database.belongings import Kind

PAGE = 50
"""Things that are taken at once."""

TIMES: dict[Kind, str] = {
    "run": "deleted_time",
    "model": "last_updated_timestamp_ms",
    "experiment": "last_update_time",
}
"""The columns that say when something was deleted, in milliseconds."""
PLACES: dict[Kind, str] = {"run": "artifact_uri", "model": "artifact_location", "experiment": "artifact_location"}

UNKNOWN = (
    "nobody knows when it was deleted, because the MLflow that did so did not write it down; --older-than 0s removes it"
)


@dataclass(frozen=True)
class Deleted:
    """A run, a logged model or an experiment."""

    kind: Kind
    key: Any
    """Its key in the database."""
    uri: str
    since: datetime | None
    forced: bool = False
    """Whether it goes with its experiment, whatever its own stage."""

    @property
    def id(self) -> str:
        """The key as text."""
        return str(self.key)


@dataclass(frozen=True)
class Reach:
    """How far back something must have been deleted."""

    now: datetime
    age: timedelta

    @property
    def cutoff(self) -> int:
        """The last moment that counts, in milliseconds."""
        return int((self.now - self.age).timestamp() * 1000)

    def reaches(self, tables: MetaData, kind: Kind) -> ColumnElement[bool]:
        """Give the condition of what was deleted long enough ago, or nobody knows when."""
        table = column(tables, kind).table
        time: Column[Any] = table.c[TIMES[kind]]
        return (table.c.lifecycle_stage == DELETED) & or_(time <= self.cutoff, time.is_(None))


def pages(writing: Writing, tables: MetaData, kind: Kind, reach: Reach) -> Iterator[list[Deleted]]:
    """Give what was deleted long enough ago, some at a time, in the order of the keys; what is removed meanwhile does
    not matter."""
    key = column(tables, kind)
    after: Any = None
    while True:
        asked = _columns(tables, kind).where(reach.reaches(tables, kind)).order_by(key).limit(PAGE)
        with writing.reading() as connection:
            found = connection.execute(asked if after is None else asked.where(key > after)).all()
        if not found:
            return
        yield [_deleted(kind, row) for row in found]
        after = found[-1][0]


def named(connection: Connection, tables: MetaData, kind: Kind, ids: Sequence[Any]) -> list[Deleted]:
    """Give those of these ids that are there, and deleted."""
    key = column(tables, kind)
    stage = key.table.c.lifecycle_stage == DELETED
    return [_deleted(kind, row) for row in connection.execute(_columns(tables, kind).where(key.in_(ids), stage))]


def of_experiment(connection: Connection, tables: MetaData, kind: Kind, experiment: int) -> list[Deleted]:
    """Give the runs or models of an experiment, deleted or not."""
    key = column(tables, kind)
    asked = _columns(tables, kind).where(key.table.c.experiment_id == experiment).order_by(key)
    return [_deleted(kind, row, forced=True) for row in connection.execute(asked)]


def _columns(tables: MetaData, kind: Kind) -> Select[Any]:
    key = column(tables, kind)
    return select(key, key.table.c[PLACES[kind]], key.table.c[TIMES[kind]])


def _deleted(kind: Kind, row: Row[Any], *, forced: bool = False) -> Deleted:
    key, uri, time = tuple(row)
    since = None if time is None else datetime.fromtimestamp(time / 1000, UTC)
    return Deleted(kind, key, uri or "", since, forced)
