"""What a search for runs says, read by MLflow's own parsers, and made clauses by MLflow's own functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from flowship.mlflow_seams.auth.users import auth_app
from flowship.mlflow_seams.tracking.searching.limits import LONGEST, MOST
from flowship.mlflow_seams.tracking.sql_store import sql_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, Subquery

VIEWS = {"ACTIVE_ONLY": ("active",), "DELETED_ONLY": ("deleted",), "ALL": ("active", "deleted")}
"""The stages of runs that each view shows, the first of which is MLflow's own where a search names none."""


class Order(NamedTuple):
    """One thing that runs are ordered by."""

    by: ColumnElement[Any]
    descending: bool


@dataclass(frozen=True)
class Clauses:
    """A search, as clauses about MLflow's table of runs."""

    conditions: Sequence[ColumnElement[bool]]
    having: Sequence[Subquery]
    """What a run must have: rows by `run_uuid`, for each run one at most."""
    params: Sequence[tuple[Subquery, str]]
    """Those of them that are a parameter, with the value that it must have."""
    using: Sequence[Subquery]
    """Datasets that a run must have used: rows by `destination_id`, for a run also several."""
    sorting: Sequence[Subquery]
    """What runs are sorted by, if they have it: rows by `run_uuid`, for each run one at most."""
    order: Sequence[Order]
    """Never leaves two runs in any order: the last is their id."""
    by_metric: bool
    """Whether the order begins with a metric, the first of `sorting`: with whether it is a number, then its value."""


def clauses(filter_string: str, order_by: Sequence[str], dialect: str) -> Clauses | None:
    """Give the clauses for a kind of database; None for a search that MLflow refuses."""
    from mlflow.exceptions import MlflowException
    from mlflow.utils.search_utils import SearchUtils
    from sqlalchemy.orm import Session

    store = sql_store()
    if sum(map(len, order_by)) > LONGEST:
        return None
    having, params, conditions, using = [], [], [], []
    try:
        comparisons = SearchUtils.parse_search_filter(filter_string)
        session = Session()  # makes clauses, and never has a connection
        columns, order, sorting = store._get_orderby_clauses(order_by, session)
        for comparison in comparisons:
            about_run, rows, used = store._get_sqlalchemy_filter_clauses([comparison], session, dialect)
            conditions += about_run
            having += rows
            using += used
            kind, comparator = comparison["type"], comparison["comparator"]
            if comparator == "=" and SearchUtils.is_param(kind, comparator):
                params += [(rows[0], comparison["value"])]
        by_metric = bool(order_by) and SearchUtils.is_metric(_kind(order_by[0]), "=")
    except MlflowException:
        return None
    if len(comparisons) + len(order_by) > MOST:
        return None
    return Clauses(conditions, having, params, using, sorting, _ordered(order, columns), by_metric)


def _kind(order: str) -> str:
    """Tell of what kind a thing to order by is."""
    from mlflow.utils.search_utils import SearchUtils

    kind: str = SearchUtils.parse_order_by_for_search_runs(order)[0]
    return kind


def _ordered(order: Sequence[Any], columns: Sequence[ColumnElement[Any]]) -> list[Order]:
    """Give the order without names: MLflow calls some of its columns by them."""
    from sqlalchemy import Label, UnaryExpression
    from sqlalchemy.sql.operators import desc_op

    named: dict[Any, ColumnElement[Any]] = {column.name: column for column in columns if isinstance(column, Label)}
    found = []
    for one in order:
        if isinstance(one, UnaryExpression) and one.modifier is desc_op:
            found.append(Order(one.element, descending=True))
        else:
            found.append(Order(named[one] if isinstance(one, str) else one, descending=False))
    return found


def largest_page() -> int:
    """Tell how many runs a search may ask for at once."""
    from mlflow.store.tracking import SEARCH_MAX_RESULTS_THRESHOLD

    return int(SEARCH_MAX_RESULTS_THRESHOLD)


def default_page() -> int:
    """Tell how many runs a search gets that does not say how many."""
    from mlflow.protos.service_pb2 import SearchRuns

    return int(SearchRuns().max_results)


def finds_runs_of(username: str) -> Callable[[str], bool]:
    """Make what decides whether a search of this user finds the runs of an experiment, as MLflow does."""
    auth: Any = auth_app()
    not_denied = auth.Requirement(auth.RESOURCE_TYPE_RUN, "*", auth.ACTION_NOT_DENIED)
    finds: Callable[[str], bool] = auth._role_based_read_predicate(username, "experiment", also_require=[not_denied])
    return finds


def may_see_models(username: str) -> bool:
    """Tell whether the user is told which logged models a run has read or written, as MLflow decides it."""
    auth: Any = auth_app()
    kind = auth.RESOURCE_TYPE_LOGGED_MODEL
    return kind not in auth._denied_sibling_tiers(username, (kind,))
