"""Objects in a bucket of S3, by the client that MLflow makes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flowship.artifacts.streaming.parts import PartWriter
from flowship.artifacts.streaming.store import CHUNK, Facts, MissingError, Span
from flowship.mlflow_seams.artifacts.clients import in_s3, s3_upload_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MISSING = {"NoSuchKey", "404"}

IN_PARTS = re.compile(r'-[0-9]+"$')
"""How the tag of an object ends that was uploaded in parts. Its checksum is one of theirs, which AWS marks, so that the
client does not compare it; versitygw does not."""

OF_PARTS = ("ChecksumAlgorithm", "RequestPayer", "SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5")
"""What is said of an object once more with each of its parts."""
OF_WHOLE = ("RequestPayer",)
"""What is said once more when the parts are complete."""


class S3:
    """Reads and writes files that are objects of a bucket."""

    def __init__(self, repository: Any) -> None:
        self._repository = repository

    def look(self, path: str) -> Facts:
        place = in_s3(self._repository)
        return _facts(_found(path, place.client.head_object, self._object(path)))

    def read(self, path: str, found: Facts | None = None, span: Span | None = None) -> S3Reader:
        request = self._object(path)
        if found:
            request["IfMatch"] = found.etag
        if span:
            request["Range"] = span.header
        return S3Reader(_found(path, in_s3(self._repository).client.get_object, request))

    def write(self, path: str, size: int | None) -> PartWriter:
        options = s3_upload_options(self._repository, path)
        return PartWriter(S3Upload(in_s3(self._repository).client, self._object(path), options), size)

    def _object(self, path: str) -> dict[str, Any]:
        place = in_s3(self._repository)
        return {"Bucket": place.bucket, "Key": place.key(path), **dict(place.options)}


class S3Reader:
    """Reads an object from the body of one answer."""

    descriptor = None

    def __init__(self, answer: dict[str, Any]) -> None:
        self._body = answer["Body"]
        self._left: int = answer["ContentLength"]
        self.facts = _facts(answer)

    def read(self) -> bytes:
        if not self._left:
            return b""
        data: bytes = self._body.read(CHUNK)
        self._left -= len(data)
        if not self._left:
            self._check()
        return data

    def _check(self) -> None:
        """Compare the checksum of the whole, which the client does when it is asked for more than there is."""
        from botocore.exceptions import FlexibleChecksumError

        try:
            self._body.read(CHUNK)
        except FlexibleChecksumError:
            if not IN_PARTS.search(self.facts.etag):
                raise

    def close(self) -> None:
        self._body.close()  # and with it the connection, unless all was read


class S3Upload:
    """Uploads one object, in parts of a multipart upload."""

    def __init__(self, client: Any, target: dict[str, Any], options: dict[str, Any]) -> None:
        self._client = client
        self._object = target
        self._options = options
        if client.meta.config.request_checksum_calculation == "when_supported":
            self._options = {"ChecksumAlgorithm": "CRC32", **options}  # as boto3's own uploads
        self._id: str | None = None
        self._parts: list[dict[str, Any]] = []

    def whole(self, data: bytes) -> None:
        self._client.put_object(**self._object, **self._options, Body=data)

    def part(self, number: int, data: bytes) -> None:
        if self._id is None:
            self._id = self._client.create_multipart_upload(**self._object, **self._options)["UploadId"]
        how = {"UploadId": self._id, "PartNumber": number, **self._said(OF_PARTS)}
        sent = self._client.upload_part(**self._object, **how, Body=data)
        checksum = f"Checksum{self._options.get('ChecksumAlgorithm', '')}"
        checked = {checksum: sent[checksum]} if checksum in sent else {}
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"], **checked})

    def complete(self) -> None:
        how = {"UploadId": self._id, "MultipartUpload": {"Parts": self._parts}, **self._said(OF_WHOLE)}
        self._client.complete_multipart_upload(**self._object, **how)

    def abort(self) -> None:
        if self._id is not None:
            self._client.abort_multipart_upload(**self._object, UploadId=self._id, **self._said(OF_WHOLE))

    def _said(self, names: Iterable[str]) -> dict[str, Any]:
        return {name: self._options[name] for name in names if name in self._options}


def _found(path: str, ask: Callable[..., dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
    from botocore.exceptions import ClientError

    try:
        return ask(**request)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in MISSING:
            raise MissingError(path) from error
        raise


def _facts(answer: dict[str, Any]) -> Facts:
    return Facts(answer["ContentLength"], answer["ETag"], answer["LastModified"])
