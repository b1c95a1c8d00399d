"""What a search for traces says, read by MLflow's own parsers and made a statement by MLflow's own functions; what is
told of what it finds, and to whom.
"""

from __future__ import annotations

import inspect
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.auth.users import auth_app
from flowship.mlflow_seams.installation import module
from flowship.mlflow_seams.tracking.searching.limits import LONGEST, MOST
from flowship.mlflow_seams.tracking.sql_store import sql_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Select

EXPERIMENTS = "experiments"
"""The parameter of a statement that is a list of experiments."""

STATES = frozenset({"STATE_UNSPECIFIED", "OK", "ERROR", "IN_PROGRESS"})
"""States of a trace."""

LARGEST_PAGE, DEFAULT_PAGE = 500, 100
"""How many traces a search may ask for at once, and gets that does not say how many."""


def statement(filter_string: str, order_by: Sequence[str], dialect: str) -> Select[Any] | None:
    """Make what finds traces of `EXPERIMENTS`, in their order, with the columns of a trace before all others; None for
    a search that MLflow refuses."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy import bindparam
    from sqlalchemy.orm import Session

    store = sql_store()
    if len(filter_string) > LONGEST or sum(map(len, order_by)) > LONGEST:
        return None
    traces, session = store.SqlTraceInfo, Session()  # makes statements, and never has a connection
    is_there = traces.experiment_id.in_(bindparam(EXPERIMENTS, expanding=True))
    try:
        comparisons = store._parse_trace_filter(filter_string)
        cases, order, sorting = store._get_orderby_clauses_for_search_traces(order_by, session)
        conditions = store._get_filter_clauses_for_search_traces(
            filter_string, session, dialect, session.query(traces).filter(is_there)
        )
    except MlflowException:
        return None
    if len(comparisons) + len(order_by) > MOST:
        return None
    query = session.query(*store._TRACE_INFO_COLUMNS, *cases)
    query = store.SqlAlchemyStore._apply_trace_filter_clauses(None, query, *conditions)
    for rows in sorting:
        query = query.outerjoin(rows)
    found: Select[Any] = query.filter(is_there).order_by(*order).statement
    return found


@cache
def looks_ahead() -> bool:
    """Tell whether MLflow says that a page follows only where one does, as 3.18 does, or after each that is full."""
    return "limit(max_results + 1)" in inspect.getsource(sql_store().SqlAlchemyStore.search_traces)


def told_tags(tags: Mapping[str, str], name: str | None) -> dict[str, str]:
    """Give the tags that clients are told of a trace of this name, which is one of them, as long as they are told."""
    key = sql_store().TraceTagKey.TRACE_NAME
    named = {} if name is None else {key: name}
    told: dict[str, str] = _entities()._truncate_tags({k: v for k, v in tags.items() if k != key} | named)
    return told


def told_metadata(metadata: Mapping[str, str], row: Any) -> dict[str, str]:
    """Give the metadata that clients are told of a trace, of which some is kept in the row of the trace."""
    store = sql_store()
    kept = {key: value for key, value in metadata.items() if key not in store.PROMOTED_TRACE_METADATA_KEYS}
    told: dict[str, str] = _entities()._truncate_request_metadata(kept | store.compatibility_metadata_from_columns(row))
    return told


def told_assessment(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give an assessment as clients are told it."""
    from google.protobuf.json_format import MessageToDict

    assessment = sql_store().SqlAssessments.to_mlflow_entity(SimpleNamespace(**row))
    told: dict[str, Any] = MessageToDict(assessment.to_proto(), preserving_proto_field_name=True)
    return told


def asks_of(filter_string: str, order_by: Sequence[str]) -> frozenset[str]:
    """Name the kinds of things beside traces of which a search tells something, by what it finds or in which order."""
    kinds: frozenset[str] = auth_app()._trace_search_selects_on_tiers((filter_string,), order_by)
    return kinds


def may_search(username: str, experiment_ids: Sequence[str], kinds: Sequence[str]) -> bool:
    """Tell whether the user may search the traces of all of these experiments, also by things of these kinds."""
    auth: Any = auth_app()
    resolved = auth._bulk_requirements_in_experiments(experiment_ids, auth.RESOURCE_TYPE_TRACE, "read")
    if resolved is None:
        return False
    anchor, requirements = resolved
    more = [_read(auth, kind, experiment_id) for experiment_id in experiment_ids for kind in kinds]
    return bool(auth.authorize(username, anchor, [*requirements, *more]))


def may_see_assessments(username: str, experiment_id: str) -> bool:
    """Tell whether the user is told the assessments of the experiment's traces."""
    auth: Any = auth_app()
    kind, experiment = auth.RESOURCE_TYPE_ASSESSMENT, (auth.RESOURCE_TYPE_EXPERIMENT, experiment_id)
    return bool(auth.retention_gate(username, experiment, [_read(auth, kind, experiment_id)]).retains(kind))


def metadata_of_others() -> Mapping[str, str]:
    """Give the kinds of things that metadata of traces names, by the keys of that metadata."""
    kinds: Mapping[str, str] = auth_app()._TRACE_METADATA_SIBLING_TIERS
    return kinds


def may_see(username: str, kind: str) -> bool:
    """Tell whether the user is told which things of this kind belong to traces."""
    return kind not in auth_app()._denied_sibling_tiers(username, (kind,))


def _read(auth: Any, kind: str, experiment_id: str) -> Any:
    experiment = (auth.RESOURCE_TYPE_EXPERIMENT, experiment_id)
    return auth.Requirement(kind, "*", "read", fallback_if_no_grant=(experiment,))


@cache
def _entities() -> Any:
    return module("mlflow.entities.trace_info_v2")
