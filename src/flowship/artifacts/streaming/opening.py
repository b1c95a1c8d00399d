"""Which store MLflow's client stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.artifacts.streaming.azure import Azure
from flowship.artifacts.streaming.disk import Disk
from flowship.artifacts.streaming.gcs import GCS
from flowship.artifacts.streaming.s3 import S3
from flowship.mlflow_seams.artifacts.clients import kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowship.artifacts.streaming.store import Store
    from flowship.mlflow_seams.artifacts.clients import Kind

STORES: Mapping[Kind, Callable[[Any], Store]] = {"disk": Disk, "s3": S3, "gcs": GCS, "azure": Azure}


def store_of(repository: Any) -> Store:
    """Return the store that one of MLflow's clients reaches; it must be of a known kind."""
    found = kind(repository)
    if found is None:
        raise LookupError(f"{type(repository).__name__} is of no kind that is streamed")
    return STORES[found](repository)
