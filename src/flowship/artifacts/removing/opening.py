"""Which store an address is of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.artifacts.removing.azure import Azure
from flowship.artifacts.removing.disk import Disk
from flowship.artifacts.removing.gcs import GCS
from flowship.artifacts.removing.s3 import S3
from flowship.mlflow_seams.artifacts.clients import artifact_repository, kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowship.artifacts.removing.store import Objects
    from flowship.mlflow_seams.artifacts.clients import Kind

STORES: Mapping[Kind, Callable[[Any], Objects]] = {"s3": S3, "gcs": GCS, "azure": Azure}


def objects_of(store: str) -> Objects:
    """Open the store at an address such as `s3://bucket`. Raises LookupError when MLflow's client for it is none that
    is known here, and what that client raises."""
    if store.startswith("file:"):
        return Disk()
    repository = artifact_repository(store)
    found = kind(repository)
    if found is None or found not in STORES:
        raise LookupError(f"{type(repository).__name__} is of no kind that Flowship removes from")
    return STORES[found](repository)
