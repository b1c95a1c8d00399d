"""What a search for runs says, read by MLflow's own parsers, and made clauses by MLflow's own functions."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.auth.users import auth_app
from flowship.mlflow_seams.tracking.searches import LONGEST, MOST

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, Subquery

VIEWS = {"ACTIVE_ONLY": ("active",), "DELETED_ONLY": ("deleted",), "ALL": ("active", "deleted")}
"""The stages of runs that each view shows, the first of which is MLflow's own where a search names none."""


@dataclass(frozen=True)
class Clauses:
    """A search, as clauses about MLflow's table of runs."""

    conditions: Sequence[ColumnElement[bool]]
    having: Sequence[Subquery]
    """What a run must have: rows by `run_uuid`, for each run one at most."""
    using: Sequence[Subquery]
    """Datasets that a run must have used: rows by `destination_id`, for a run also several."""
    sorting: Sequence[Subquery]
    """What runs are sorted by, if they have it: rows by `run_uuid`, for each run one at most."""
    columns: Sequence[ColumnElement[Any]]
    """What the order names, beside the columns of runs."""
    order: Sequence[Any]
    """Never leaves two runs in any order: the last is their id."""


def clauses(filter_string: str, order_by: Sequence[str], dialect: str) -> Clauses | None:
    """Give the clauses for a kind of database; None for a search that MLflow refuses."""
    from mlflow.exceptions import MlflowException
    from mlflow.utils.search_utils import SearchUtils
    from sqlalchemy.orm import Session

    store: Any = importlib.import_module("mlflow.store.tracking.sqlalchemy_store")
    if sum(map(len, order_by)) > LONGEST:
        return None
    try:
        comparisons = SearchUtils.parse_search_filter(filter_string)
        session = Session()  # makes clauses, and never has a connection
        columns, order, sorting = store._get_orderby_clauses(order_by, session)
        conditions, having, using = store._get_sqlalchemy_filter_clauses(comparisons, session, dialect)
    except MlflowException:
        return None
    if len(comparisons) + len(order_by) > MOST:
        return None
    return Clauses(conditions, having, using, sorting, columns, order)


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
