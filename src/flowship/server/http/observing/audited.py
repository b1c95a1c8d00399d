"""Requests that go into the audit log: those that delete, and those that change who may do what.

Their bodies are small; what is said there of whom and what is written down, and nothing else, since the same bodies
carry passwords.
"""

from __future__ import annotations

import json
import re
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from flowship.auth.authenticator import CURRENT
from flowship.mlflow_seams.auth.reading_routes import API
from flowship.server.reporting import audit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

RIGHTS = frozenset({"users", "roles", "workspaces", "webhooks", "tokens"})
"""Parts of MLflow's API whose every change says who may do what, or where secrets and events go."""

SECRETS = "gateway/secrets"

ENDS = ("delete", "remove", "restore", "revoke")
"""How the last word of a path begins that takes something away, or brings it back, by a method that is not DELETE."""

READS = frozenset({"GET", "HEAD", "OPTIONS"})

SAID = frozenset(
    {
        *("username", "is_admin", "permission", "resource_type", "resource_id", "resource_pattern", "role", "role_id"),
        *("experiment_id", "run_id", "run_uuid", "model_id", "trace_id", "request_ids", "trace_ids", "dataset_id"),
        *("name", "new_name", "version", "alias", "key", "workspace_name", "webhook_id", "secret_id", "endpoint_id"),
    }
)
"""What is written down of a body or a query: names and numbers of users and things."""

LARGEST = 64 * 1024
"""Bytes of a body of which is written down what it says; longer ones are only named."""


def audited(method: str, path: str, static_prefix: str = "") -> str | None:
    """Say what a request does in the words of MLflow's API, such as `users/create`; None if it is not written down."""
    if method in READS or (found := _api(static_prefix).fullmatch(path)) is None:
        return None
    root, rest = found.groups()
    if root == "mlflow-artifacts":  # where files are, and no verbs
        return "artifacts" if method == "DELETE" else None
    first, last = rest.partition("/")[0], rest.rpartition("/")[2]
    is_wanted = method == "DELETE" or first in RIGHTS or rest.startswith(SECRETS) or last.startswith(ENDS)
    return rest if is_wanted else None


@cache
def _api(static_prefix: str) -> re.Pattern[str]:
    """Match the paths of MLflow's API. A part of it answers without the prefix too; where both could be meant, MLflow
    takes the prefix for one."""
    return re.compile(rf"(?:{re.escape(static_prefix)})?{API}(mlflow|mlflow-artifacts)/(.*)", re.DOTALL)


class Audited:
    """An ASGI app that writes down what some requests to another one did, once they are answered."""

    def __init__(self, app: ASGIApp, static_prefix: str) -> None:
        self._app = app
        self._prefix = static_prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_looked_at = scope["type"] == "http" and audit.is_kept()
        done = audited(scope["method"], scope["path"], self._prefix) if is_looked_at else None
        if done is None:
            await self._app(scope, receive, send)
            return
        body, status = bytearray(), int(HTTPStatus.INTERNAL_SERVER_ERROR)

        async def receive_and_keep() -> Message:
            message = await receive()
            if len(body) <= LARGEST:
                body.extend(message.get("body", b""))
            return message

        async def send_and_watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive_and_keep, send_and_watch)
        finally:
            identity, client = CURRENT.get(), scope.get("client")
            audit.record(
                "request",
                outcome(status),
                user=identity.username if identity else None,
                client=client[0] if client else "-",
                method=scope["method"],
                what=done,
                status=status,
                about=about(scope["query_string"], bytes(body)),
            )


def outcome(status: int) -> str:
    """Say in a word how a request ended."""
    if status < HTTPStatus.BAD_REQUEST:
        return "done"
    return "refused" if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} else "failed"


def about(query: bytes, body: bytes) -> dict[str, Any]:
    """Give whom and what a request is about, as its query or body says, be it JSON or a form."""
    said = {**dict(_pairs(query)), **_fields(body)}
    return {name: said[name] for name in sorted(SAID & said.keys())}


def _fields(body: bytes) -> dict[str, Any]:
    if not body or len(body) > LARGEST:
        return {}
    try:
        said = json.loads(body)
    except ValueError:
        return dict(_pairs(body))
    return said if isinstance(said, dict) else {}


def _pairs(text: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text.decode(), max_num_fields=100)
    except ValueError:
        return []
