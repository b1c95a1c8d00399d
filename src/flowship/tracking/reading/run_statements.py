"""The statements of searches for runs: what MLflow's clauses find, with no more read on the way than must be.

Ids are found and ordered first, where indexes hold all that this takes, and only the runs of the page are read whole.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Integer, bindparam, false, func, literal_column, select, true

from flowship.database.migrating.search_indexes import SHORT
from flowship.mlflow_seams.tracking.searching.runs import Order
from flowship.tracking.reading.runs import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Select, Subquery, Table

    from flowship.mlflow_seams.tracking.searching.runs import Clauses

WALKED = 5_000
"""Values of a metric, the first in the order, among which a page is looked for before all runs are sorted: where the
runs of these values are of other experiments, a tenth of the work was in vain."""


class Statements(NamedTuple):
    """The statements of a search."""

    first: Select[Any] | None
    """Finds the page if what it finds is full."""
    whole: Sequence[Select[Any]]
    """Each finds the page: the database knows which costs it least."""


def made(runs: Table, clauses: Clauses, stages: Sequence[str], dialect: str, *, has_values: bool) -> Statements:
    """Make the statements of a search for a kind of database."""
    conditions: list[ColumnElement[bool]] = [
        runs.c.experiment_id.in_(bindparam("experiments", expanding=True)),
        runs.c.lifecycle_stage.in_(stages),
    ]
    short = _short(clauses) if dialect == "postgresql" else {}
    joined = [*conditions, *short.values()]
    first = _walked(runs, clauses, joined) if has_values and clauses.by_metric else None
    whole = [_sorted(runs, clauses, joined)]
    if dialect == "postgresql" and clauses.having and not (clauses.using or clauses.sorting):
        whole.append(_in_order(runs, clauses, conditions, short))
    return Statements(first, whole)


def _in_order(
    runs: Table,
    clauses: Clauses,
    conditions: Sequence[ColumnElement[bool]],
    short: Mapping[Subquery, ColumnElement[bool]],
) -> Select[Any]:
    """Look at one run after the other in their order, until a page of them is in all sets of those that have something.

    PostgreSQL reads each set once. Of a plain `IN` it would make a join, which finds all runs before the first.
    """
    sets = [select(rows.c.run_uuid).where(*[short[rows]] if rows in short else []) for rows in clauses.having]
    in_all = [runs.c.run_uuid.in_(each).is_(true()) for each in sets]
    return _page(runs, runs, replace(clauses, having=()), clauses.order, [*conditions, *in_all], ids_first=True)


def _sorted(runs: Table, clauses: Clauses, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Sort all runs that are found."""
    source: Any = runs
    for rows in clauses.sorting:
        source = source.outerjoin(rows, runs.c.run_uuid == rows.c.run_uuid)
    return _page(runs, source, clauses, clauses.order, conditions)


def _walked(runs: Table, clauses: Clauses, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Look among the first values of the metric that the order begins with, which may be too few."""
    metric, *others = clauses.sorting
    _, by_value, *rest = clauses.order
    numbers = select(metric.c.run_uuid, metric.c.value).where(metric.c.is_nan == false())
    numbers = numbers.order_by(metric.c.value.desc() if by_value.descending else metric.c.value)
    walk = numbers.limit(WALKED).subquery("walk")
    last = numbers.with_only_columns(metric.c.value).offset(WALKED - 1).limit(1).scalar_subquery()
    source: Any = walk.join(runs, runs.c.run_uuid == walk.c.run_uuid)
    for rows in others:
        source = source.outerjoin(rows, runs.c.run_uuid == rows.c.run_uuid)
    # Of the last value there may be more.
    before_last = walk.c.value > last if by_value.descending else walk.c.value < last
    order = [Order(walk.c.value, by_value.descending), *rest]
    return _page(runs, source, clauses, order, [before_last, *conditions])


def _page(
    runs: Table,
    source: Any,
    clauses: Clauses,
    order: Sequence[Order],
    conditions: Sequence[ColumnElement[bool]],
    *,
    ids_first: bool = False,
) -> Select[Any]:
    """Select the page from a source of runs, which has to have what the clauses say; `ids_first` has runs that are read
    alone found by their ids first too."""
    for rows in clauses.having:
        source = source.join(rows, runs.c.run_uuid == rows.c.run_uuid)
    for rows in clauses.using:
        source = source.join(rows, runs.c.run_uuid == rows.c.destination_id)
    places = [one.by.label(f"place_{number}") for number, one in enumerate(order)]
    whole_runs = [runs.c[name] for name in COLUMNS]
    at_once = source is runs and not ids_first
    page = (
        select(*(whole_runs if at_once else [runs.c.run_uuid]), *places)
        .select_from(source)
        .where(*conditions, *clauses.conditions)
        .order_by(*_directed(order, places))
        .offset(bindparam("offset", type_=Integer))
        .limit(bindparam("limit", type_=Integer))
    )
    if at_once:
        return page
    # Where nothing can be there twice, an index that has the order can be read from its start.
    found = (page.distinct() if clauses.using else page).subquery("page")
    again = [found.c[place.name] for place in places]
    return (
        select(*whole_runs)
        .select_from(found.join(runs, runs.c.run_uuid == found.c.run_uuid))
        .order_by(*_directed(order, again))
    )


def _directed(order: Sequence[Order], places: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    return [place.desc() if one.descending else place for one, place in zip(order, places, strict=True)]


def _short(clauses: Clauses) -> dict[Subquery, ColumnElement[bool]]:
    """Say again of parameters of a short value that it is short: PostgreSQL's index of parameters has only these."""
    longest: ColumnElement[int] = literal_column(str(SHORT))
    return {rows: func.length(rows.c.value) <= longest for rows, value in clauses.params if len(value) <= SHORT}
