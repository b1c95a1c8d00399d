"""MLflow's clients of object stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    pass


def artifact_repository(uri: str) -> Any:
    """MLflow's client of an object store, with `list_artifacts`, `log_artifact`, `download_artifacts` and
    `delete_artifacts`."""
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    return get_artifact_repository(uri)
