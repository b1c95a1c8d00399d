"""Searches for runs: MLflow's clauses as one statement, made once for each filter and order, and what it finds.

None stands here for a search that MLflow refuses, or must answer itself.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, select

from flowship.mlflow_seams.tracking import run_searches as seam
from flowship.mlflow_seams.tracking.store import page_token
from flowship.tracking.reading.runs import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Select, Table

    from flowship.mlflow_seams.tracking.store import Tables
    from flowship.tracking.reading.rows import Json
    from flowship.tracking.reading.runs import WholeRuns

REMEMBERED = 64
"""Statements of searches that are kept: a page asks for the same again and again."""


class Wanted(NamedTuple):
    """Which runs, and in which order."""

    filter_string: str
    order_by: tuple[str, ...]
    stages: tuple[str, ...]


class RunSearch:
    """Finds runs in one kind of database."""

    def __init__(self, tables: Tables, dialect: str, whole: WholeRuns) -> None:
        self._dialect = dialect
        self._whole = whole

        @lru_cache(REMEMBERED)
        def statement(wanted: Wanted) -> Select[Any] | None:
            clauses = seam.clauses(wanted.filter_string, wanted.order_by, dialect)
            return _statement(tables.runs, clauses, wanted.stages) if clauses else None

        self._statement = statement

    def read(
        self, connection: Connection, wanted: Wanted, experiments: Sequence[int], offset: int, limit: int
    ) -> Json | None:
        """Give a page of the runs of these experiments as `runs/search` answers it."""
        statement = self._statement(wanted)
        if statement is None:
            return None
        if self._dialect == "sqlite":  # as MLflow does before each of its own
            connection.exec_driver_sql("PRAGMA case_sensitive_like = true")
        asked = {"experiments": experiments, "offset": offset, "limit": limit + 1}
        rows = connection.execute(statement, asked).mappings().all()
        found = self._whole.read(connection, rows[:limit])
        if found is None:
            return None
        answer: Json = {"runs": found} if found else {}
        return {**answer, "next_page_token": page_token(offset + limit)} if len(rows) > limit else answer


def _statement(runs: Table, clauses: seam.Clauses, stages: Sequence[str]) -> Select[Any]:
    """Make the statement that finds runs in the experiments that it is given."""
    source: Any = runs
    for rows in clauses.having:
        source = source.join(rows, runs.c.run_uuid == rows.c.run_uuid)
    for rows in clauses.using:
        source = source.join(rows, runs.c.run_uuid == rows.c.destination_id)
    for rows in clauses.sorting:
        source = source.outerjoin(rows, runs.c.run_uuid == rows.c.run_uuid)
    statement = (
        select(*(runs.c[name] for name in COLUMNS), *clauses.columns)
        .select_from(source)
        .where(
            runs.c.experiment_id.in_(bindparam("experiments", expanding=True)),
            runs.c.lifecycle_stage.in_(stages),
            *clauses.conditions,
        )
        .order_by(*clauses.order)
        .offset(bindparam("offset"))
        .limit(bindparam("limit"))
    )
    # Where nothing can be there twice, an index that has the order can be read from its start.
    return statement.distinct() if clauses.using else statement
