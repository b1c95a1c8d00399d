"""Where MLflow hands over a file: it decides who may read or write what, and the bytes go another way.

MLflow copies each file that it sends from an object store into a temporary one first, and each that it keeps there
too; what Flask answers it holds in memory as well. Behind `hand_over`, a request for a file's bytes goes through all of
MLflow, which checks, authorizes and finds the place; instead of bytes it then leaves an `Order`, as nginx is told by
`X-Accel-Redirect`. Without an order at hand, and for stores that are not known, MLflow does what it always does.
"""

from __future__ import annotations

import contextlib
import importlib
import os
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from mlflow.store.artifact.artifact_repo import MultipartDownloadMixin, MultipartUploadMixin, StreamUploadMixin

from flowship.mlflow_seams.artifacts.clients import kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request
    from starlette.types import ASGIApp


@dataclass(frozen=True)
class File:
    """A file that MLflow lets a request read or write."""

    repository: Any
    path: str
    """Below the repository's root."""


@dataclass
class Order:
    """What is left to do for one request, as far as MLflow has come: nothing, or one of these."""

    sends: File | None = None
    keeps: File | None = None


class HandedOver(Exception):  # noqa: N818 - no error, but the way out of MLflow's handlers
    """MLflow has decided, and what it answers will be replaced."""


_ORDER: ContextVar[Order | None] = ContextVar("flowship_order", default=None)


@contextlib.contextmanager
def taking_orders() -> Iterator[Order]:
    """Give the order that MLflow leaves while it answers one request, also in the threads that it starts for it."""
    order = Order()
    token = _ORDER.set(order)
    try:
        yield order
    finally:
        _ORDER.reset(token)


class Behind(StreamUploadMixin):  # type: ignore[misc]
    """MLflow's client of the store behind the server, which hands over files; whatever is not here is the client's.

    It has no multipart uploads and no presigned downloads, so MLflow advertises none and refuses to sign one.
    """

    def __init__(self, repository: Any) -> None:
        self._repository = repository

    def __getattr__(self, name: str) -> Any:
        return getattr(self._repository, name)

    def get_local_path(self, path: str) -> str | None:
        """Asked by MLflow when it is about to send a file. Raises HandedOver."""
        local: str | None = self._repository.get_local_path(path)  # which raises MLflow's own error for a missing one
        order = _ORDER.get()
        if order is None or (local is not None and os.path.isdir(local)):  # noqa: PTH112 - as MLflow asks
            return local
        order.sends = File(self._repository, path)
        raise HandedOver

    def log_artifact_from_stream(
        self, stream: object, artifact_file_name: str, artifact_path: str | None = None
    ) -> None:
        """Called by Flask's handler for a request's body, which has not come yet."""
        self._keep(artifact_file_name, artifact_path)

    async def log_artifact_from_async_stream(
        self, chunks: object, artifact_file_name: str, artifact_path: str | None = None
    ) -> None:
        """Called by FastAPI's handler for a request's body, which nobody has read."""
        self._keep(artifact_file_name, artifact_path)

    def _keep(self, name: str, folder: str | None) -> None:
        order = _ORDER.get()
        if order is None:
            raise RuntimeError("an upload came another way than through the app that takes orders")
        order.keeps = File(self._repository, f"{folder}/{name}" if folder else name)


class _Uploads(MultipartUploadMixin):  # type: ignore[misc]
    _repository: Any

    def create_multipart_upload(self, *what: Any, **how: Any) -> Any:
        return self._repository.create_multipart_upload(*what, **how)

    def complete_multipart_upload(self, *what: Any, **how: Any) -> Any:
        return self._repository.complete_multipart_upload(*what, **how)

    def abort_multipart_upload(self, *what: Any, **how: Any) -> Any:
        return self._repository.abort_multipart_upload(*what, **how)


class _Downloads(MultipartDownloadMixin):  # type: ignore[misc]
    _repository: Any

    def get_download_presigned_url(self, *what: Any, **how: Any) -> Any:
        return self._repository.get_download_presigned_url(*what, **how)


class _BehindUploads(_Uploads, Behind): ...


class _BehindDownloads(_Downloads, Behind): ...


class _BehindBoth(_Uploads, _Downloads, Behind): ...


_BEHIND: dict[tuple[bool, bool], type[Behind]] = {
    (False, False): Behind,
    (True, False): _BehindUploads,
    (False, True): _BehindDownloads,
    (True, True): _BehindBoth,
}


def behind(repository: Any, *, uploads: bool = False, downloads: bool = False) -> Any:
    """Give the client to answer with in place of MLflow's; the same one for a store that is not known. What clients
    may send or fetch past the server is offered if the store can sign for it."""
    if kind(repository) is None:
        return repository
    offered = (
        uploads and isinstance(repository, MultipartUploadMixin),
        downloads and isinstance(repository, MultipartDownloadMixin),
    )
    return _BEHIND[offered](repository)


def hand_over(app: ASGIApp, *, uploads: bool = False, downloads: bool = False) -> None:
    """Have MLflow hand over what `taking_orders` waits for, in an app that has served nothing yet."""
    handlers: Any = importlib.import_module("mlflow.server.handlers")
    found, traces, send = (
        handlers._get_artifact_repo_mlflow_artifacts,
        handlers._get_trace_artifact_repo,
        handlers._send_artifact,
    )
    wrapped: dict[int, Any] = {}

    def repository() -> Any:
        inner = found()  # made once by MLflow
        if id(inner) not in wrapped:
            wrapped[id(inner)] = behind(inner, uploads=uploads, downloads=downloads)
        return wrapped[id(inner)]

    handlers._get_artifact_repo_mlflow_artifacts = repository
    handlers._get_trace_artifact_repo = lambda trace: _Traces(traces(trace))
    handlers._send_artifact = lambda inner, path: send(inner if isinstance(inner, Behind) else behind(inner), path)
    _answer_for_handed_over(app)


class _Traces:
    """A trace's client, which hands over only what is there: MLflow has other words, and other places, if not."""

    def __init__(self, repository: Any) -> None:
        self._repository = repository

    def __getattr__(self, name: str) -> Any:
        return getattr(self._repository, name)

    def get_local_path(self, path: str) -> str | None:
        folder = path.rpartition("/")[0]
        if not any(info.path == path for info in self._repository.list_artifacts(folder or None)):
            return None
        local: str | None = behind(self._repository).get_local_path(path)
        return local


def _answer_for_handed_over(app: ASGIApp) -> None:
    from flask import Response
    from starlette.applications import Starlette
    from starlette.responses import Response as NativeResponse

    flask: Any = importlib.import_module("mlflow.server").app
    flask.register_error_handler(HandedOver, lambda error: Response(status=HTTPStatus.OK))

    async def native(request: Request, error: Exception) -> NativeResponse:
        return NativeResponse(status_code=HTTPStatus.OK)

    if isinstance(app, Starlette):
        app.add_exception_handler(HandedOver, native)


def failure(message: str, code: str) -> tuple[int, bytes]:
    """Status and body of the answer that MLflow gives for one of its error codes."""
    from mlflow.exceptions import MlflowException
    from mlflow.protos import databricks_pb2

    return answered(MlflowException(message, error_code=getattr(databricks_pb2, code)))


def answered(error: Any) -> tuple[int, bytes]:
    """Status and body of the answer that MLflow gives for its own exception."""
    return error.get_http_status_code(), error.serialize_as_json().encode()


def is_mlflow_error(error: Exception) -> bool:
    """Tell whether MLflow raised it for a client to read."""
    from mlflow.exceptions import MlflowException

    return isinstance(error, MlflowException)


def attachment_headers(path: str) -> list[tuple[bytes, bytes]]:
    """Give the headers by which MLflow tells a browser what a file is, and that it is to be saved and never shown."""
    handlers: Any = importlib.import_module("mlflow.server.handlers")
    mime: Callable[[str], str] = handlers._guess_mime_type
    disposition: Callable[[str], str] = handlers._content_disposition_attachment
    return [
        (b"content-type", mime(path).encode("latin-1")),
        (b"content-disposition", disposition(path.rpartition("/")[2]).encode("latin-1")),
        (b"x-content-type-options", b"nosniff"),
    ]
