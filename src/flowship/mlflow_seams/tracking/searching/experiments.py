"""What a search for experiments says, read by MLflow's own parsers, and made clauses by MLflow's own functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.auth.users import auth_app
from flowship.mlflow_seams.tracking.searching.limits import LONGEST, MOST
from flowship.mlflow_seams.tracking.sql_store import sql_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, Subquery


@dataclass(frozen=True)
class Clauses:
    """A search, as clauses about MLflow's table of experiments."""

    conditions: Sequence[ColumnElement[bool]]
    having: Sequence[Subquery]
    """Tags that an experiment must have: rows by `experiment_id`."""
    order: Sequence[ColumnElement[Any]]
    """Never leaves two experiments in any order."""


def clauses(filter_string: str, order_by: Sequence[str], dialect: str) -> Clauses | None:
    """Give the clauses for a kind of database; None for a search that MLflow refuses."""
    from mlflow.exceptions import MlflowException
    from mlflow.utils.search_utils import SearchExperimentsUtils

    store = sql_store()
    if len(filter_string) > LONGEST or sum(map(len, order_by)) > LONGEST:
        return None
    try:
        comparisons = SearchExperimentsUtils.parse_search_filter(filter_string)
        conditions, having = store._get_search_experiments_filter_clauses(comparisons, dialect)
        order = store._get_search_experiments_order_by_clauses(order_by)
    except MlflowException:
        return None
    return Clauses(conditions, having, order) if len(comparisons) + len(order_by) <= MOST else None


def finds_experiments(username: str) -> Callable[[str], bool] | None:
    """Make what decides whether a search of this user finds an experiment, as MLflow does in what it has found; None
    where MLflow decides it in another way, as 3.18 does: in the search itself."""
    from mlflow.protos.service_pb2 import SearchExperiments

    auth: Any = auth_app()
    if SearchExperiments not in auth.AFTER_REQUEST_PATH_HANDLERS:
        return None
    finds: Callable[[str], bool] = auth._role_based_read_predicate(username, "experiment")
    return finds
