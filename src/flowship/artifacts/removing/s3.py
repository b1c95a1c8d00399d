"""Objects of a bucket of S3, by the client that MLflow makes. Where a bucket keeps versions, these stay until its own
rules remove them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.artifacts.removing.store import PAGE, RemovalError, Stored
from flowship.mlflow_seams.artifacts.clients import in_s3

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class S3:
    """Lists and removes objects."""

    def __init__(self, repository: Any) -> None:
        self._repository = repository

    def pages(self, folder: str) -> Iterator[list[Stored]]:
        place = in_s3(self._repository)
        listing = place.client.get_paginator("list_objects_v2")
        asked = {"Bucket": place.bucket, "Prefix": f"{folder}/" if folder else "", **dict(place.options)}
        for page in listing.paginate(**asked, PaginationConfig={"PageSize": PAGE}):
            if found := page.get("Contents"):
                yield [Stored(each["Key"], each["Size"], each["LastModified"]) for each in found]

    def remove(self, objects: Sequence[Stored]) -> None:
        place = in_s3(self._repository)
        wanted = {"Objects": [{"Key": each.name} for each in objects], "Quiet": True}
        answer = place.client.delete_objects(Bucket=place.bucket, Delete=wanted, **dict(place.options))
        if errors := answer.get("Errors"):
            raise RemovalError(f"{errors[0].get('Code')}: {errors[0].get('Message')}")

    def tidy(self, folder: str) -> None:
        """Do nothing: there are no folders."""
