"""Objects of a bucket of Google Cloud Storage, by the client that MLflow makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.artifacts.removing.store import PAGE, Stored
from flowship.mlflow_seams.artifacts.clients import in_gcs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class GCS:
    """Lists and removes objects."""

    def __init__(self, repository: Any) -> None:
        self._repository = repository

    def pages(self, folder: str) -> Iterator[list[Stored]]:
        place = in_gcs(self._repository)
        prefix = f"{folder}/" if folder else None
        listing = place.client.list_blobs(place.bucket, prefix=prefix, page_size=PAGE, timeout=place.timeout)
        for page in listing.pages:
            if found := [Stored(each.name, each.size or 0, each.updated) for each in page]:
                yield found

    def remove(self, objects: Sequence[Stored]) -> None:
        place = in_gcs(self._repository)
        bucket = place.client.bucket(place.bucket)
        names = [bucket.blob(each.name) for each in objects]
        bucket.delete_blobs(names, on_error=lambda _: None, timeout=place.timeout)

    def tidy(self, folder: str) -> None:
        """Do nothing: there are no folders."""
