"""The tables that hold what belongs to an experiment, and to whom each row belongs there."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from flowship.mlflow_seams.installation import quiet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import MetaData


class Owner(StrEnum):
    """What a row belongs to."""

    EXPERIMENT = "experiment"
    RUN = "run"
    TRACE = "trace"
    LINKED = "linked"
    """It links two things, each of which is of the experiment, or a prompt."""


class Belongs(NamedTuple):
    """How a table's rows are found."""

    owner: Owner
    column: str
    """It holds the owner's identifier."""


_E, _R, _T = Owner.EXPERIMENT, Owner.RUN, Owner.TRACE

CARRIED: Mapping[str, Belongs] = {
    "experiments": Belongs(_E, "experiment_id"),
    "experiment_tags": Belongs(_E, "experiment_id"),
    "datasets": Belongs(_E, "experiment_id"),
    "runs": Belongs(_R, "run_uuid"),
    "params": Belongs(_R, "run_uuid"),
    "tags": Belongs(_R, "run_uuid"),
    "metrics": Belongs(_R, "run_uuid"),
    "latest_metrics": Belongs(_R, "run_uuid"),
    "logged_models": Belongs(_E, "experiment_id"),
    "logged_model_params": Belongs(_E, "experiment_id"),
    "logged_model_tags": Belongs(_E, "experiment_id"),
    "logged_model_metrics": Belongs(_E, "experiment_id"),
    "trace_info": Belongs(_T, "request_id"),
    "trace_tags": Belongs(_T, "request_id"),
    "trace_request_metadata": Belongs(_T, "request_id"),
    "trace_metrics": Belongs(_T, "request_id"),
    "spans": Belongs(_T, "trace_id"),
    "span_metrics": Belongs(_T, "trace_id"),
    "assessments": Belongs(_T, "trace_id"),
    "inputs": Belongs(Owner.LINKED, ""),
    "input_tags": Belongs(Owner.LINKED, ""),
    "entity_associations": Belongs(Owner.LINKED, ""),
}
"""In an order in which rows can be inserted: what they refer to comes first."""

OWNERS: Mapping[Owner, tuple[str, str]] = {Owner.RUN: ("runs", "run_uuid"), Owner.TRACE: ("trace_info", "request_id")}
"""The table and column in which the owners of an experiment are found; both tables have an `experiment_id`."""

IDENTIFIERS: Mapping[str, str] = {
    "runs": "run_uuid",
    "logged_models": "model_id",
    "trace_info": "request_id",
    "datasets": "dataset_uuid",
    "inputs": "input_uuid",
    "assessments": "assessment_id",
    "entity_associations": "association_id",
}
"""Columns that hold identifiers that no other experiment has."""

LEFT_OUT: Mapping[str, Belongs] = {
    "scorers": Belongs(_E, "experiment_id"),
    "online_scoring_configs": Belongs(_E, "experiment_id"),
    "issues": Belongs(_E, "experiment_id"),
    "label_schemas": Belongs(_E, "experiment_id"),
    "review_queues": Belongs(_E, "experiment_id"),
    "endpoints": Belongs(_E, "experiment_id"),
}
"""What belongs to experiments too, and is not carried. It is counted and told."""

DERIVED = frozenset(
    {
        "sql_trace_metric_daily_rollups",
        "sql_span_cost_daily_rollups",
        "sql_assessment_daily_rollups",
        "sql_trace_rollup_rebuild_queue",
    }
)
"""What MLflow makes of the rest by itself."""


def metadata() -> MetaData:
    """Give MLflow's tables, with the types of their columns."""
    with quiet():
        import mlflow.store.model_registry.dbmodels.models
        import mlflow.store.tracking.dbmodels.models
        import mlflow.store.workspace.dbmodels.models  # noqa: F401 - tables are declared by the imports
        from mlflow.store.db.base_sql_model import Base

    found: MetaData = Base.metadata
    return found
