"""Searches for experiments: MLflow's clauses as statements, made once for each filter and order, and what they find.

None stands here for a search that MLflow refuses, or must answer itself.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import bindparam, select

from flowship.mlflow_seams.tracking.paging import page_token
from flowship.mlflow_seams.tracking.searching import experiments as seam
from flowship.tracking.reading.experiments import COLUMNS, experiment
from flowship.tracking.reading.searches import REMEMBERED, heed_case
from flowship.tracking.reading.statement import Statement, among

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, Dialect, Row, Select

    from flowship.mlflow_seams.tracking.store import Tables
    from flowship.tracking.reading.rows import Json
    from flowship.tracking.reading.searches import Wanted


Item = TypeVar("Item")

AT_ONCE = 1_000
"""Experiments that are read at once of those that follow a page, for users who do not find all."""

MOST = 5_000
"""Experiments whose tags are read in one statement."""


class ExperimentSearch:
    """Finds experiments in one kind of database."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        experiments, tags = tables.experiments, tables.experiment_tags
        self._tags = Statement(
            select(tags.c.experiment_id, tags.c.key, tags.c.value).where(among(tags.c.experiment_id, "ids", dialect)),
            dialect,
        )

        @lru_cache(REMEMBERED)
        def statement(wanted: Wanted) -> Select[Any] | None:
            clauses = seam.clauses(wanted.filter_string, wanted.order_by, dialect.name)
            if clauses is None:
                return None
            source: Any = experiments
            for rows in clauses.having:
                source = source.join(rows)
            return (
                select(*(experiments.c[name] for name in COLUMNS))
                .select_from(source)
                .where(*clauses.conditions, experiments.c.lifecycle_stage.in_(wanted.stages))
                .order_by(*clauses.order)
                .offset(bindparam("offset"))
                .limit(bindparam("limit"))
            )

        self._statement = statement

    def read(
        self,
        connection: Connection,
        wanted: Wanted,
        offset: int,
        limit: int,
        finds: Callable[[str], bool],
    ) -> Json | None:
        """Give a page of the experiments that are found as `experiments/search` answers it."""
        statement = self._statement(wanted)
        if statement is None:
            return None
        heed_case(connection)

        def rows(offset: int, limit: int) -> list[Row[Any]]:
            return list(connection.execute(statement, {"offset": offset, "limit": limit}))

        found, token = page(rows, offset, limit, lambda row: finds(str(row.experiment_id)))
        tags = self._tags_of(connection, [row.experiment_id for row in found])
        said = [experiment(row._mapping, tags[row.experiment_id]) for row in found]
        if None in said:
            return None
        answer: Json = {"experiments": said} if said else {}
        return answer if token is None else {**answer, "next_page_token": token}

    def _tags_of(self, connection: Connection, ids: Sequence[int]) -> dict[int, list[Json]]:
        tags: dict[int, list[Json]] = {number: [] for number in ids}
        for start in range(0, len(ids), MOST):
            for number, key, value in self._tags.rows(connection, {"ids": ids[start : start + MOST]}):
                tags[number].append({"key": key, "value": value})
        return tags


def page(
    rows: Callable[[int, int], list[Item]], offset: int, limit: int, finds: Callable[[Item], bool]
) -> tuple[list[Item], str | None]:
    """Give those of a page that are found, and the token of the next page; None after the last.

    What is missing in the page is filled up by what follows. As MLflow does that, the page after a full one may be
    empty, and the token is an empty one where too little followed.
    """
    first = rows(offset, limit + 1)
    found = list(filter(finds, first[:limit]))
    if len(first) <= limit:
        return found, None
    next_page = offset + limit
    following = _following(rows, next_page)
    while missing := limit - len(found):
        taken = list(islice(following, missing))
        if not taken:
            return found, ""
        found += filter(finds, taken)
        next_page += len(taken)
    return found, page_token(next_page)


def _following(rows: Callable[[int, int], list[Item]], offset: int) -> Iterator[Item]:
    """Read what follows a page, as far as it is wanted."""
    while some := rows(offset, AT_ONCE):
        yield from some
        offset += len(some)
