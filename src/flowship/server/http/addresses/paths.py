"""The path of each request, decoded once and made canonical before anything is decided by it.

Whoever is behind reads what stands here: the gate, MLflow's checks of rights, the routes of FastAPI and Flask, and what
moves files. A path that some of them could take for another one is refused.
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from flowship.artifacts.paths import PathError, canonical, cut_name, decoded, storable
from flowship.auth.responding import respond
from flowship.server.http.addresses.memory import remember_short
from flowship.server.http.observing.observation import set_native_route

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_QUERY = (
    "The path is followed by a '?', which MLflow's clients send as it is when it stands in the name of a file: "
    "rename the file, then log it again."
)
_SLASH = "The path has an escaped '/' (%2F) in it: a name cannot have one, and between two names it is not escaped."

PATHS = 3_000
"""Paths of which it is remembered what they mean, about 1 MB."""


class CanonicalPaths:
    """An ASGI app that hands requests on to another one, each with a path that has one meaning."""

    def __init__(self, app: ASGIApp, static_prefix: str) -> None:
        self._app = app
        self._artifact = re.compile(
            rf"(?P<route>(?:{re.escape(static_prefix)})?/(?:ajax-)?api/2\.0/mlflow-artifacts"
            r"/(?:artifacts|presigned|mpu/(?:create|complete|abort))/)(?P<artifact>.*)",
            re.DOTALL,
        )
        self._read = remember_short(self._split, PATHS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        try:
            path = self._canonical(scope)
        except PathError as error:
            return await _refuse(send, str(error))
        if path == scope["path"]:
            return await self._app(scope, receive, send)
        moved = {**scope, "path": path, "raw_path": quote(path).encode()}
        try:
            return await self._app(moved, receive, send)
        finally:
            set_native_route(moved)

    def _canonical(self, scope: Scope) -> str:
        raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
        path, artifact = self._read(raw.decode("latin-1"))
        if artifact is None:
            return path
        if b"%2f" in raw.lower():
            raise PathError(_SLASH)
        return f"{path}{_artifact(scope, artifact)}"

    def _split(self, raw: str) -> tuple[str, str | None]:
        """Give the path as it is meant; one of an artifact in two parts, what is before its own path and that."""
        path = decoded(raw.encode("latin-1"))
        if not path.startswith("/"):
            raise PathError(f"The path {path!a} does not begin with '/'.")
        found = self._artifact.fullmatch(path)
        return (found["route"], found["artifact"]) if found else (path, None)


def _artifact(scope: Scope, path: str) -> str:
    if scope["method"] == "PUT":
        return _uploaded(scope, canonical(path))
    # MLflow's client deletes the artifacts of a whole run by their folder, with a '/' at its end.
    path = canonical(path.removesuffix("/"))
    if not path:
        raise PathError("The path names no artifact.")
    return path


def _uploaded(scope: Scope, path: str) -> str:
    if scope.get("query_string"):
        raise PathError(_QUERY)
    headers = {name.lower(): value for name, value in scope["headers"]}
    if headers.get(b"user-agent", b"").startswith(b"mlflow-python-client/"):
        cut_name(path, headers.get(b"content-type", b"").decode("latin-1"))
    return storable(path)


async def _refuse(send: Send, sentence: str) -> None:
    """Answer as MLflow does when a parameter is wrong: its clients show the message."""
    body = json.dumps({"error_code": "INVALID_PARAMETER_VALUE", "message": sentence}).encode()
    await respond(send, HTTPStatus.BAD_REQUEST, body, b"application/json")
