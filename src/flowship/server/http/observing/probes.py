"""`/health` and `/ready`, on the main port and on the inner one.

On the main port they are answered before authentication and the check of hosts, also under the static prefix, and
without details. The inner port says what is wrong.
"""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flowship.auth.responding import respond, respond_json

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from flowship.server.reporting.readiness import Readiness, Report

HEALTH = "/health"
READY = "/ready"


async def answer_health(send: Send) -> None:
    """Say that this process lives."""
    await respond(send, HTTPStatus.OK, b"OK")


async def answer_ready(send: Send, readiness: Readiness) -> None:
    """Say whether the server is ready."""
    report = await readiness.report()
    await respond(send, _status(report), b"OK" if report.ready else b"not ready")


async def answer_ready_in_detail(send: Send, readiness: Readiness, last_backup: datetime | None) -> None:
    """Say whether the server is ready, what is wrong, and how old the last good backup is."""
    report = await readiness.report()
    body = {"ready": report.ready, "checks": dict(report.checks), "last_backup": _age(last_backup)}
    await respond_json(send, _status(report), body)


def _status(report: Report) -> HTTPStatus:
    return HTTPStatus.OK if report.ready else HTTPStatus.SERVICE_UNAVAILABLE


def _age(last_backup: datetime | None) -> dict[str, Any] | None:
    if last_backup is None:
        return None
    age = datetime.now(UTC) - last_backup
    return {"time": last_backup.isoformat(), "age_seconds": int(age.total_seconds())}


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
                return await answer_ready(send, self._readiness)
        return await self._app(scope, receive, send)
