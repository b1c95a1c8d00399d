"""Searches for runs: MLflow's clauses as statements, made once for each filter and order, and what they find.

None stands here for a search that MLflow refuses, or must answer itself.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from flowship.database.migrating.search_indexes import METRICS_BY_VALUE
from flowship.mlflow_seams.tracking.paging import page_token
from flowship.mlflow_seams.tracking.searching import runs as seam
from flowship.tracking.reading import run_statements
from flowship.tracking.reading.costs import Costs
from flowship.tracking.reading.run_statements import Statements, made
from flowship.tracking.reading.searches import REMEMBERED, heed_case

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, RowMapping

    from flowship.mlflow_seams.tracking.store import Tables
    from flowship.tracking.reading.rows import Json
    from flowship.tracking.reading.runs import WholeRuns
    from flowship.tracking.reading.searches import Wanted


class RunSearch:
    """Finds runs in one kind of database."""

    def __init__(self, tables: Tables, dialect: str, whole: WholeRuns) -> None:
        self._whole = whole
        self._has_values: bool | None = None
        self._costs = Costs()

        @lru_cache(REMEMBERED)
        def statements(wanted: Wanted, has_values: bool) -> Statements | None:
            clauses = seam.clauses(wanted.filter_string, wanted.order_by, dialect)
            if clauses is None:
                return None
            return made(tables.runs, clauses, wanted.stages, dialect, has_values=has_values)

        self._statements = statements

    def read(
        self, connection: Connection, wanted: Wanted, experiments: Sequence[int], offset: int, limit: int
    ) -> Json | None:
        """Give a page of the runs of these experiments as `runs/search` answers it."""
        statements = self._statements(wanted, self._knows_values(connection))
        if statements is None:
            return None
        heed_case(connection)
        asked = {"experiments": experiments, "offset": offset, "limit": limit + 1}
        rows: Sequence[RowMapping] = ()
        if statements.first is not None and offset + limit < run_statements.WALKED:  # it ends before a later page
            rows = connection.execute(statements.first, asked).mappings().all()
        if len(rows) <= limit:
            search = wanted, *experiments
            statement = self._costs.cheapest(connection, search, statements.whole, asked)
            rows = connection.execute(statement, asked).mappings().all()
        found = self._whole.read(connection, rows[:limit])
        if found is None:
            return None
        answer: Json = {"runs": found} if found else {}
        return {**answer, "next_page_token": page_token(offset + limit)} if len(rows) > limit else answer

    def _knows_values(self, connection: Connection) -> bool:
        """Tell whether values of metrics can be read in their order, which does not change while a server runs."""
        if self._has_values is None:
            self._has_values = METRICS_BY_VALUE.is_whole(connection)
        return self._has_values
