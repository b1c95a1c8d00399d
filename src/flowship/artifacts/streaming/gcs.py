"""Objects in a bucket of Google Cloud Storage, by the client that MLflow makes.

Google's library reads a whole file at 8 KiB a time, or pieces of 40 MB into memory. So the body is read here, over the
library's own session, which has the credentials and renews them.
"""

from __future__ import annotations

import mimetypes
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flowship.artifacts.streaming.parts import PartWriter
from flowship.artifacts.streaming.store import CHUNK, PART, Facts, MissingError, Span
from flowship.mlflow_seams.artifacts.clients import in_gcs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.mlflow_seams.artifacts.clients import InBucket

UNKNOWN_TYPE = "application/octet-stream"


class GCS:
    """Reads and writes files that are objects of a bucket."""

    def __init__(self, repository: Any) -> None:
        self._repository = repository

    def look(self, path: str) -> Facts:
        from google.api_core.exceptions import NotFound

        place = in_gcs(self._repository)
        blob = _blob(place, path)
        try:
            blob.reload(timeout=place.timeout)
        except NotFound as error:
            raise MissingError(path) from error
        changed = blob.updated.replace(microsecond=0)  # as the header of an answer tells it
        return Facts(blob.size, f'"{blob.generation}"', changed, blob.content_encoding or "")

    def read(self, path: str, found: Facts | None = None, span: Span | None = None) -> GCSReader:
        place = in_gcs(self._repository)
        query = {"alt": "media", **({"generation": found.etag.strip('"')} if found else {})}
        address = f"{place.client.api_endpoint}/download/storage/v1{_blob(place, path).path}?{urlencode(query)}"
        # As it is stored: unpacked on the way, it would have another size, and no ranges.
        headers = {"Accept-Encoding": "gzip", **({"Range": span.header} if span else {})}
        return GCSReader(_answer(place, path, address, headers))

    def write(self, path: str, size: int | None) -> PartWriter:
        place = in_gcs(self._repository)
        content_type = mimetypes.guess_type(path)[0] or UNKNOWN_TYPE
        return PartWriter(GCSUpload(_blob(place, path), content_type, place.timeout), size)


class GCSReader:
    """Reads an object from the body of one answer."""

    descriptor = None

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        headers = answer.headers
        self.facts = Facts(
            int(headers["Content-Length"]),
            f'"{headers["X-Goog-Generation"]}"',
            parsedate_to_datetime(headers["Last-Modified"]),
            headers.get("Content-Encoding", ""),
        )

    def read(self) -> bytes:
        data: bytes = self._answer.raw.read(CHUNK, decode_content=False)
        return data

    def close(self) -> None:
        self._answer.close()


class GCSUpload:
    """Uploads one object, in parts of a resumable upload."""

    def __init__(self, blob: Any, content_type: str, timeout: float | None) -> None:
        self._blob = blob
        self._content_type = content_type
        self._timeout = timeout
        self._file: Any = None

    def whole(self, data: bytes) -> None:
        self._blob.upload_from_string(data, content_type=self._content_type, timeout=self._timeout)

    def part(self, number: int, data: bytes) -> None:
        if self._file is None:
            how = {"content_type": self._content_type, "timeout": self._timeout}
            self._file = self._blob.open("wb", chunk_size=PART, **how)
        self._file.write(data)

    def complete(self) -> None:
        self._file.close()

    def abort(self) -> None:
        if self._file is not None:
            self._file.terminate()


def _blob(place: InBucket, path: str) -> Any:
    return place.client.bucket(place.bucket).blob(place.key(path))


def _answer(place: InBucket, path: str, address: str, headers: Mapping[str, str]) -> Any:
    from google.api_core.exceptions import from_http_response
    from google.cloud.storage.retry import DEFAULT_RETRY

    def ask() -> Any:
        answer = place.client._http.get(address, headers=headers, stream=True, timeout=place.timeout)
        if answer.status_code >= HTTPStatus.BAD_REQUEST and answer.status_code != HTTPStatus.NOT_FOUND:
            raise from_http_response(answer)
        return answer

    answer = DEFAULT_RETRY(ask)()
    if answer.status_code == HTTPStatus.NOT_FOUND:
        answer.close()
        raise MissingError(path)
    return answer
