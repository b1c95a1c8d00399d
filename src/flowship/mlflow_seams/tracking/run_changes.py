"""What MLflow decides of a run that is made: its name, where its artifacts go, and who may make it."""

from __future__ import annotations

from typing import Any

from flowship.mlflow_seams.auth.users import auth_app

NEW_RUN: dict[str, Any] = {
    "source_type": "UNKNOWN",
    "source_name": "",
    "entry_point_name": "",
    "source_version": "",
    "status": "RUNNING",
    "end_time": None,
    "deleted_time": None,
    "lifecycle_stage": "active",
}
"""The columns of a run that are the same in every new one."""

LONGEST_PLACE, LONGEST_NAME, LONGEST_USER, LONGEST_VALUE = 200, 250, 256, 8_000
"""Characters of the columns that keep where artifacts are, names of runs and tags, users, and values of tags."""


def random_name() -> str:
    """Make a name for a run that was given none."""
    from mlflow.utils.name_utils import _generate_random_name

    return str(_generate_random_name())


def artifact_uri(location: str, run_id: str) -> str | None:
    """Tell where the artifacts of a run go whose experiment has this place; None where MLflow refuses the place, or
    could not keep it."""
    from mlflow.exceptions import MlflowException
    from mlflow.utils.uri import append_to_uri_path

    try:
        found = str(append_to_uri_path(location, run_id, "artifacts"))
    except MlflowException:
        return None
    return found if len(found) <= LONGEST_PLACE else None


def may_create_run(username: str, experiment_id: str) -> bool:
    """Tell whether the user may make a run in the experiment, as MLflow decides it."""
    auth: Any = auth_app()
    return bool(auth._authorize_create_in_experiment_as(username, experiment_id, auth.RESOURCE_TYPE_RUN))
