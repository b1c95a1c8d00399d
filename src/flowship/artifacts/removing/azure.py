"""Blobs of a container of Azure, by the client that MLflow makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.artifacts.removing.store import PAGE, Stored
from flowship.mlflow_seams.artifacts.clients import in_azure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Azure:
    """Lists and removes blobs."""

    def __init__(self, repository: Any) -> None:
        self._repository = repository

    def pages(self, folder: str) -> Iterator[list[Stored]]:
        place = in_azure(self._repository)
        container = place.client.get_container_client(place.bucket)
        prefix = f"{folder}/" if folder else None
        listing = container.list_blobs(name_starts_with=prefix, results_per_page=PAGE, timeout=place.timeout)
        for page in listing.by_page():
            if found := [Stored(each.name, each.size or 0, each.last_modified) for each in page]:
                yield found

    def remove(self, objects: Sequence[Stored]) -> None:
        from azure.core.exceptions import ResourceNotFoundError

        place = in_azure(self._repository)
        container = place.client.get_container_client(place.bucket)
        for each in sorted(objects, key=lambda stored: stored.name, reverse=True):  # what is in a folder before it
            try:
                container.delete_blob(each.name, delete_snapshots="include", timeout=place.timeout)
            except ResourceNotFoundError:
                continue

    def tidy(self, folder: str) -> None:
        """Do nothing: folders are blobs, where there are any."""
