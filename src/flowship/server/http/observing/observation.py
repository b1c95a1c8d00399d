"""What is known of each request: counted, timed and logged when its response has ended."""

from __future__ import annotations

import logging
import time
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from flowship.mlflow_seams.server.log import STATIC_FILES
from flowship.server.reporting import logs, metrics
from flowship.server.reporting.logs import one_line

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from flowship.server.http.observing.draining import Draining

UNROUTED = "other"
"""The route of a request that met none: a label must not hold what clients make up."""


@dataclass
class Exchange:
    """One request and its response, so far."""

    status: int = HTTPStatus.INTERNAL_SERVER_ERROR
    """What an exception leads to before a response has begun."""
    route: str = UNROUTED
    hot: bool = False
    """Whether Flowship's hot API answers, in front of MLflow."""
    user: str | None = None
    tried: str | None = None
    """The name by which somebody tried to log in, and did not."""


_current: ContextVar[Exchange | None] = ContextVar("flowship_exchange", default=None)


def set_route(route: str, *, hot: bool = False) -> None:
    """Say which route answers the request at hand; threads that MLflow starts for it see the same exchange."""
    if exchange := _current.get():
        exchange.route, exchange.hot = route, hot


def set_native_route(scope: Scope) -> None:
    """Say which of FastAPI's routes has answered the request at hand, if none of Flask's has.

    FastAPI leaves it in the scope that it was given, which may be a copy.
    """
    if (exchange := _current.get()) and exchange.route == UNROUTED:
        exchange.route = getattr(scope.get("route"), "path", UNROUTED)


def set_user(user: str) -> None:
    """Say who sent the request at hand."""
    if exchange := _current.get():
        exchange.user = user


def set_tried(username: str) -> None:
    """Say by which name the sender of the request at hand tried to log in."""
    if exchange := _current.get():
        exchange.tried = username


class Observation:
    """Watches requests to another app."""

    def __init__(self, app: ASGIApp, draining: Draining) -> None:
        self._app = app
        self._draining = draining
        self._in_progress = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        exchange = Exchange()
        token = _current.set(exchange)
        self._began()
        started = time.perf_counter()
        method, path = scope["method"], _path(scope)
        failed = True

        async def send_and_watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                message = self._draining.marked(message)
            await send(message)

        try:
            await self._app(scope, receive, send_and_watch)
            failed = False
        finally:
            seconds = time.perf_counter() - started
            set_native_route(scope)
            _current.reset(token)
            self._ended(exchange, scope, method, path, seconds, failed=failed)

    def _began(self) -> None:
        self._in_progress += 1
        metrics.IN_PROGRESS.inc()
        if self._in_progress == 1:
            metrics.BUSY.set(1)

    def _ended(self, exchange: Exchange, scope: Scope, method: str, path: str, seconds: float, *, failed: bool) -> None:
        self._in_progress -= 1
        metrics.IN_PROGRESS.dec()
        if not self._in_progress:
            metrics.BUSY.set(0)
        metrics.request_ended(method, exchange.route, exchange.status, seconds, failed=failed, hot=exchange.hot)
        logs.access(
            {
                "client": scope["client"][0] if scope.get("client") else "-",
                "user": one_line(exchange.user) if exchange.user else "-",
                **({"tried": one_line(exchange.tried)} if exchange.tried else {}),
                "method": method,
                "path": path,
                "route": exchange.route,
                "hot": exchange.hot,
                "status": exchange.status,
                "duration_ms": round(seconds * 1000, 1),
            },
            logging.DEBUG if _is_part_of_a_page(exchange) else logging.INFO,
        )


def _is_part_of_a_page(exchange: Exchange) -> bool:
    """Tell whether a script or picture was given, of which each page of MLflow's has a dozen."""
    return exchange.route.endswith(STATIC_FILES) and exchange.status < HTTPStatus.BAD_REQUEST


def _path(scope: Scope) -> str:
    """Give the path as it was sent, still escaped, so that it holds no character that could forge a line of the log."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return one_line(raw.decode("latin-1"))
