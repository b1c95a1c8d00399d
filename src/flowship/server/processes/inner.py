"""The inner port: health, readiness and metrics, in a process that users' requests cannot keep busy."""

from __future__ import annotations

import asyncio
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import anyio
import uvicorn

from flowship.auth.responding import respond
from flowship.server.http.connection.protocol import Protocol as HttpProtocol
from flowship.server.http.observing import probes
from flowship.server.http.observing.status import answer_status
from flowship.server.reporting import metrics, own_metrics

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from pathlib import Path

    from prometheus_client.core import CollectorRegistry
    from starlette.types import Receive, Scope, Send

    from flowship.server.reporting.domain import DomainMetrics
    from flowship.server.reporting.metrics import Sample
    from flowship.server.reporting.readiness import Readiness, Report
    from flowship.status.report import Status

METRICS = "/metrics"
STATUS = "/status"
KEEP_ALIVE = 75
"""Seconds; longer than the minute that Prometheus waits at most between scrapes by default."""


class InnerApp:
    """What the inner port answers; never asked for a password, since only the cluster reaches it."""

    def __init__(
        self,
        readiness: Readiness,
        last_backup: Callable[[], datetime | None],
        registry: CollectorRegistry,
        look: Callable[[], Status],
    ) -> None:
        self._readiness = readiness
        self._last_backup = last_backup
        self._registry = registry
        self._look = look
        self._one_look = anyio.CapacityLimiter(1)
        self._checks: Report | None = None

    def told_checks(self) -> Iterable[Sample]:
        """Tell what the last scrape found."""
        return own_metrics.readiness(self._checks)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in {"GET", "HEAD"}:
            return await respond(send, HTTPStatus.METHOD_NOT_ALLOWED, b"only GET is answered here")
        match scope["path"]:
            case probes.HEALTH:
                return await probes.answer_health(send)
            case probes.READY:
                last_backup = await asyncio.to_thread(self._last_backup)
                return await probes.answer_ready_in_detail(send, self._readiness, last_backup)
            case _ if scope["path"] == STATUS:
                return await answer_status(send, self._look, self._one_look)
            case _ if scope["path"] == METRICS:
                self._checks = await self._readiness.report()
                body = await asyncio.to_thread(metrics.render, self._registry)
                return await respond(send, HTTPStatus.OK, body, metrics.CONTENT_TYPE.encode())
            case _:
                paths = f"{probes.HEALTH}, {probes.READY}, {STATUS} and {METRICS} are here"
                return await respond(send, HTTPStatus.NOT_FOUND, paths.encode())


def run(
    listener: socket.socket,
    readiness: Readiness,
    last_backup: Callable[[], datetime | None],
    look: Callable[[], Status],
    directory: Path,
    own: Iterable[Callable[[], Iterable[Sample]]],
    domain: DomainMetrics | None,
) -> None:
    """Answer on this socket until a signal ends the process. `own` are metrics besides those that workers count."""
    registry = metrics.registry(directory)
    app = InnerApp(readiness, last_backup, registry, look)
    told: list[Callable[[], Iterable[Sample]]] = [*own, partial(own_metrics.backup, last_backup), app.told_checks]
    if domain:
        domain.start()
        told.append(domain.samples)
    for samples in told:
        registry.register(metrics.Told(samples))
    config = uvicorn.Config(
        app,
        http=HttpProtocol,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        access_log=False,
        log_config=None,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(config).run(sockets=[listener])
