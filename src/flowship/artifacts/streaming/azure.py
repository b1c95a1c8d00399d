"""Blobs in a container of Azure, by the client that MLflow makes.

Microsoft's library reads the first 32 MiB of a blob into memory before it gives any of it. So a blob is read here in
ranges, small at first so that the first byte comes soon, all of the version that was there at the beginning.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from flowship.artifacts.streaming.parts import PartWriter
from flowship.artifacts.streaming.store import CHUNK, Facts, MissingError, Span
from flowship.mlflow_seams.artifacts.clients import in_azure

if TYPE_CHECKING:
    from flowship.mlflow_seams.artifacts.clients import InBucket

LARGEST_RANGE = 4 << 20


class Azure:
    """Reads and writes files that are blobs of a container."""

    def __init__(self, repository: Any) -> None:
        self._repository = repository

    def look(self, path: str) -> Facts:
        from azure.core.exceptions import ResourceNotFoundError

        try:
            found = _blob(in_azure(self._repository), path).get_blob_properties()
        except ResourceNotFoundError as error:
            raise MissingError(path) from error
        return Facts(found.size, _quoted(found.etag), found.last_modified)

    def read(self, path: str, found: Facts | None = None, span: Span | None = None) -> AzureReader:
        facts = found or self.look(path)
        return AzureReader(_blob(in_azure(self._repository), path), facts, span or Span(0, facts.size))

    def write(self, path: str, size: int | None) -> PartWriter:
        place = in_azure(self._repository)
        return PartWriter(AzureUpload(_blob(place, path), place.timeout), size)


class AzureReader:
    """Reads a range of a blob, piece by piece, each twice as long as the one before."""

    descriptor = None

    def __init__(self, blob: Any, facts: Facts, span: Span) -> None:
        self.facts = facts
        self._blob = blob
        self._place = span.start
        self._stop = span.stop
        self._length = CHUNK

    def read(self) -> bytes:
        from azure.core import MatchConditions

        length = min(self._length, self._stop - self._place)
        if not length:
            return b""
        same = {"etag": self.facts.etag, "match_condition": MatchConditions.IfNotModified}
        data: bytes = self._blob.download_blob(self._place, length, max_concurrency=1, **same).readall()
        self._place += len(data)
        self._length = min(2 * self._length, LARGEST_RANGE)
        return data

    def close(self) -> None:
        self._stop = self._place


class AzureUpload:
    """Uploads one blob, in blocks. Those of an upload that was given up stay for a week, unseen."""

    def __init__(self, blob: Any, timeout: float | None) -> None:
        self._blob = blob
        self._timeout = timeout
        self._mark = secrets.token_hex(8)  # others may write the same blob now, and all blocks lie beside each other
        self._ids: list[str] = []

    def whole(self, data: bytes) -> None:
        self._blob.upload_blob(data, overwrite=True, timeout=self._timeout)

    def part(self, number: int, data: bytes) -> None:
        name = f"{self._mark}-{number:06d}"
        self._blob.stage_block(name, data, timeout=self._timeout)
        self._ids.append(name)

    def complete(self) -> None:
        from azure.storage.blob import BlobBlock

        self._blob.commit_block_list([BlobBlock(name) for name in self._ids], timeout=self._timeout)

    def abort(self) -> None:
        self._ids = []


def _blob(place: InBucket, path: str) -> Any:
    return place.client.get_blob_client(place.bucket, place.key(path))


def _quoted(etag: str) -> str:
    return etag if etag.startswith('"') else f'"{etag}"'
