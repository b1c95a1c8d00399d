"""What belongs to a run, a logged model, a trace or an experiment in MLflow's tables, and what only points to one.

Foreign keys say most of it, and are read from the database itself. What no foreign key says is here; a test fails when
MLflow has a table or a column that neither of them knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["run", "model", "trace", "experiment"]

ACTIVE, DELETED = "active", "deleted"
"""The stages of a run, a logged model and an experiment."""

DEFAULT_EXPERIMENT = 0
"""The experiment of clients that name none."""

TABLES: Mapping[Kind, tuple[str, str]] = {
    "run": ("runs", "run_uuid"),
    "model": ("logged_models", "model_id"),
    "trace": ("trace_info", "request_id"),
    "experiment": ("experiments", "experiment_id"),
}
"""The table of each kind, and its key."""


@dataclass(frozen=True)
class Loose:
    """A column that names rows of a kind without a foreign key."""

    table: str
    column: str
    type_column: str = ""
    types: tuple[str, ...] = ()
    """What `type_column` says where the column names this kind."""


LOOSE: Mapping[Kind, tuple[Loose, ...]] = {
    "run": (
        Loose("inputs", "destination_id", "destination_type", ("RUN",)),
        Loose("inputs", "source_id", "source_type", ("RUN_INPUT", "RUN_OUTPUT")),
        Loose("entity_associations", "source_id", "source_type", ("run",)),
        Loose("entity_associations", "destination_id", "destination_type", ("run",)),
    ),
    "model": (
        Loose("inputs", "destination_id", "destination_type", ("MODEL_INPUT", "MODEL_OUTPUT")),
        Loose("entity_associations", "source_id", "source_type", ("model",)),
        Loose("entity_associations", "destination_id", "destination_type", ("model",)),
    ),
    "trace": (
        Loose("review_queue_items", "item_id", "item_type", ("trace",)),
        Loose("entity_associations", "source_id", "source_type", ("trace",)),
        Loose("entity_associations", "destination_id", "destination_type", ("trace",)),
    ),
    "experiment": (
        Loose("entity_associations", "source_id", "source_type", ("experiment",)),
        Loose("entity_associations", "destination_id", "destination_type", ("experiment",)),
        Loose("sql_assessment_daily_rollups", "experiment_id"),
        Loose("sql_span_cost_daily_rollups", "experiment_id"),
        Loose("sql_trace_metric_daily_rollups", "experiment_id"),
        Loose("sql_trace_rollup_rebuild_queue", "experiment_id"),
    ),
}

INDEPENDENT = frozenset({"guardrails"})
"""Tables of what is something by itself, and keeps what its foreign keys name."""

INTERNAL_STAGE = "Deleted_Internal"
"""The stage of model versions that were deleted, of which MLflow keeps the row."""
IS_PROMPT = "mlflow.prompt.is_prompt"
"""The tag of a registered model that is a prompt."""
EXPERIMENTS_OF_PROMPT = "_mlflow_experiment_ids"
"""The tag of a prompt with the experiments that it was made for, such as `,1,7,`."""

TRACES = "traces"
"""The folder of traces in the place of an experiment."""
ARCHIVE = "mlflow.trace.archiveLocation"
"""The tag of a trace whose spans were moved to a place of their own."""
