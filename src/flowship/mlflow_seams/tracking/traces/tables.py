"""Traces in MLflow's tracking store: their tables, and the words by which it marks them."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING

from flowship.mlflow_seams.installation import module
from flowship.mlflow_seams.tracking.sql_store import sql_store

if TYPE_CHECKING:
    from sqlalchemy import Table

FINALIZED = "mlflow.trace.infoFinalized"
"""The metadata of a trace whose client has said itself when it began and ended."""

USER = "mlflow.trace.user"
"""The metadata that says whose trace it is."""

SPANS_LOCATION = "mlflow.trace.spansLocation"
"""The tag that says where the spans of a trace are kept."""

IN_DATABASE = "TRACKING_STORE"
"""The value of that tag for spans that are kept in the tracking database."""

UNDECIDED = frozenset({"IN_PROGRESS", "STATE_UNSPECIFIED"})
"""States of a trace that its root span decides."""


@dataclass(frozen=True)
class TraceTables:
    """The tables of MLflow's tracking store that hold traces, and the one of what they belong to."""

    experiments: Table
    infos: Table
    tags: Table
    metadata: Table
    spans: Table
    assessments: Table


INFO = frozenset(
    {
        "request_id",
        "experiment_id",
        "timestamp_ms",
        "execution_time_ms",
        "status",
        "client_request_id",
        "request_preview",
        "response_preview",
        "db_payload_generation",
        "trace_name",
        "session_id",
        "input_tokens",
        "output_tokens",
        "total_tokens",
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
        "cache_creation_input_tokens_above_1hr",
        "input_cost",
        "output_cost",
        "total_cost",
    }
)
"""What is kept of a trace itself."""

SPAN = frozenset(
    {
        "trace_id",
        "experiment_id",
        "span_id",
        "parent_span_id",
        "name",
        "type",
        "status",
        "start_time_unix_nano",
        "end_time_unix_nano",
        "duration_ns",
        "content",
        "input_cost",
        "output_cost",
        "total_cost",
        "model_name",
        "model_provider",
    }
)
"""What is kept of a span."""


def are_known(tables: TraceTables) -> bool:
    """Tell whether MLflow keeps of traces and spans what is known here, and no more."""
    return set(tables.infos.c.keys()) == INFO and set(tables.spans.c.keys()) == SPAN


def trace_tables() -> TraceTables:
    """Give the tables, as MLflow's own models declare them."""
    models = module("mlflow.store.tracking.dbmodels.models")
    return TraceTables(
        experiments=models.SqlExperiment.__table__,
        infos=models.SqlTraceInfo.__table__,
        tags=models.SqlTraceTag.__table__,
        metadata=models.SqlTraceMetadata.__table__,
        spans=models.SqlSpan.__table__,
        assessments=models.SqlAssessments.__table__,
    )


def counts_days() -> bool:
    """Tell whether MLflow keeps statistics of each day, and must be told of the days that spans change."""
    return bool(module("mlflow.store.tracking.utils.sql_trace_rollups").rollups_enabled())


def artifact_tag(artifact_location: str, trace_id: str) -> tuple[str, str]:
    """Give the tag that says where artifacts of a new trace are kept."""
    store = sql_store()
    experiment = SimpleNamespace(artifact_location=artifact_location)
    tag = store.SqlAlchemyStore._get_trace_artifact_location_tag(None, experiment, trace_id)
    return tag.key, tag.value
