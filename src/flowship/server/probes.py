"""`/health` and `/ready`, on the main port and on the inner one.

On the main port they are answered before authentication and the check of hosts, also under the static prefix, and
without details. The inner port says what is wrong.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from flowship.server.readiness import Readiness

HEALTH = "/health"
READY = "/ready"
TEXT = b"text/plain; charset=utf-8"


async def respond(send: Send, status: int, body: bytes, content_type: bytes = TEXT) -> None:
    """Send a whole response that nobody may cache."""
    headers = [
        (b"content-type", content_type),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def answer_health(send: Send) -> None:
    """Say that this process lives."""
    await respond(send, HTTPStatus.OK, b"OK")


async def answer_ready(send: Send, readiness: Readiness, *, details: bool) -> None:
    """Say whether the server is ready; with details, also what is wrong."""
    report = await readiness.report()
    status = HTTPStatus.OK if report.ready else HTTPStatus.SERVICE_UNAVAILABLE
    if details:
        body = json.dumps({"ready": report.ready, "checks": dict(report.checks)}).encode()
        await respond(send, status, body, b"application/json")
    else:
        await respond(send, status, b"OK" if report.ready else b"not ready")


class Probes:
    """Answers the two paths in front of another app."""

    def __init__(self, app: ASGIApp, readiness: Readiness, static_prefix: str) -> None:
        self._app = app
        self._readiness = readiness
        self._health = {HEALTH, f"{static_prefix}{HEALTH}"}
        self._ready = {READY, f"{static_prefix}{READY}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}:
            if scope["path"] in self._health:
                return await answer_health(send)
            if scope["path"] in self._ready:
                return await answer_ready(send, self._readiness, details=False)
        return await self._app(scope, receive, send)
