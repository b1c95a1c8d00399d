"""Searches for traces: MLflow's statements, made once for each filter and order, and what they find.

None stands here for a search that MLflow refuses, or must answer itself.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam

from flowship.mlflow_seams.tracking.paging import page_token
from flowship.mlflow_seams.tracking.searching import traces as seam
from flowship.mlflow_seams.tracking.traces.tables import are_known
from flowship.tracking.reading.searches import REMEMBERED, heed_case
from flowship.tracking.reading.traces import WholeTraces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Dialect, Select

    from flowship.mlflow_seams.tracking.traces.tables import TraceTables
    from flowship.tracking.reading.rows import Json
    from flowship.tracking.reading.searches import Wanted
    from flowship.tracking.reading.traces import Hidden


class TraceSearch:
    """Finds traces in one kind of database."""

    def __init__(self, tables: TraceTables, dialect: Dialect) -> None:
        self._whole = WholeTraces(tables, dialect)

        @lru_cache(REMEMBERED)
        def statement(wanted: Wanted) -> Select[Any] | None:
            found = seam.statement(wanted.filter_string, wanted.order_by, dialect.name) if are_known(tables) else None
            return None if found is None else found.offset(bindparam("offset")).limit(bindparam("limit"))

        self._statement = statement

    def read(
        self,
        connection: Connection,
        wanted: Wanted,
        experiments: Sequence[int],
        offset: int,
        limit: int,
        hidden: Hidden,
    ) -> Json | None:
        """Give a page of the traces of these experiments as `traces/search` answers it."""
        statement = self._statement(wanted)
        if statement is None:
            return None
        heed_case(connection)
        asked = {seam.EXPERIMENTS: experiments, "offset": offset, "limit": limit + seam.looks_ahead()}
        rows = connection.execute(statement, asked).all()
        found = self._whole.read(connection, rows[:limit], hidden)
        if found is None:
            return None
        answer: Json = {"traces": found} if found else {}
        is_full = len(rows) == asked["limit"]
        return {**answer, "next_page_token": page_token(offset + limit)} if is_full else answer
