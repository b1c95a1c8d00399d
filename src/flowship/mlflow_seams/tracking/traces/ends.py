"""What MLflow's tracking store makes of what a client says of a whole trace at its end; MLflow calls that its start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.auth.users import auth_app
from flowship.mlflow_seams.tracking.sql_store import sql_store
from flowship.mlflow_seams.tracking.traces.tables import FINALIZED

if TYPE_CHECKING:
    from collections.abc import Mapping

RUN = "mlflow.sourceRun"
"""The metadata that names the run to which a trace belongs."""

NAME = "mlflow.traceName"
"""The tag that is the name of a trace, and kept with the trace itself."""

OF_THE_STORE = frozenset(
    {
        "mlflow.artifactLocation",
        "mlflow.trace.spansLocation",
        "mlflow.trace.archiveLocation",
        "mlflow.trace.archivalFailure",
    }
)
"""Tags that the store sets itself; 3.18 takes none of them from clients."""

LONGEST_ID, LONGEST_PREVIEW, LONGEST_KEY, LONGEST_VALUE = 50, 1_000, 250, 8_000
"""Characters of the columns that keep what is said of a trace."""


def columns(tags: Mapping[str, str], metadata: Mapping[str, str]) -> dict[str, Any] | None:
    """Give what tags and metadata say of a trace that is kept with the trace itself, by column; None where MLflow
    refuses it."""
    from mlflow.exceptions import MlflowException

    store = sql_store()
    try:
        named = {"trace_name": store.validate_trace_name(tags[NAME])} if NAME in tags else {}
        return {**named, **store.analytics_columns_from_metadata(dict(metadata))}
    except MlflowException:
        return None


def kept_metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    """Give the metadata that is kept beside the trace, with what says that its client has ended it."""
    elsewhere = sql_store().PROMOTED_TRACE_METADATA_KEYS
    return {key: value for key, value in metadata.items() if key not in elsewhere} | {FINALIZED: "true"}


def may_send(username: str, experiment_id: str) -> bool:
    """Tell whether the user may begin and end traces in the experiment, as MLflow decides it."""
    auth: Any = auth_app()
    return bool(auth._authorize_create_in_experiment_as(username, experiment_id, auth.RESOURCE_TYPE_TRACE))
