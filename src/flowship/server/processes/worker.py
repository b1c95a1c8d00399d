"""A worker: uvicorn in a process that gunicorn forked, which ends without losing a request."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, Protocol, cast

import uvicorn
import uvicorn.lifespan.on  # what uvicorn itself imports late: here it is shared by all workers
import uvicorn.loops.uvloop
from gunicorn.arbiter import Arbiter
from uvicorn_worker import UvicornWorker

from flowship.server.http import app
from flowship.server.http.connection.making_room import limit_here, longest_waiting
from flowship.server.http.connection.protocol import Protocol as HttpProtocol
from flowship.server.http.observing.draining import Draining
from flowship.server.plan.settings import KEEP_ALIVE
from flowship.server.processes.accepting import Acceptor

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from starlette.types import ASGIApp

    from flowship.server.plan.settings import ProcessSettings
    from flowship.server.reporting.state import SharedState

SETTLE = 0.2
"""Seconds between closing the listener and closing idle connections: one that was accepted in the last moment sends its
first request meanwhile."""

SIGN_OF_LIFE = 5.0
"""Seconds between two signs that the event loop turns."""

WARM_UP_LIMIT = 10.0
"""Seconds that connecting to the database may delay readiness."""


class Served(Protocol):
    """What a worker knows of the application that gunicorn runs."""

    settings: ProcessSettings
    state: SharedState

    def for_worker(self, draining: Draining) -> ASGIApp:
        """Give the app of one worker, made in it."""


class Server(uvicorn.Server):
    """uvicorn's server, which drains before it shuts down and leaves signals to the worker."""

    def __init__(self, config: uvicorn.Config, draining: Draining, delay: float, worker: Worker) -> None:
        super().__init__(config)
        self._draining = draining
        self._delay = delay
        self._worker = worker
        self._acceptors: list[Acceptor] = []
        self._limit = limit_here()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=[])
        for listener in sockets or []:
            self._acceptors.append(
                Acceptor(
                    listener,
                    self._protocol,
                    self.config.ssl,
                    self._others_have_fewer,
                    self._has_room,
                    self._worker.tell_full,
                )
            )

    async def on_tick(self, counter: int) -> bool:
        self._tell_connections()
        return await super().on_tick(counter)

    def _protocol(self) -> asyncio.Protocol:
        protocol: Any = self.config.http_protocol_class
        return cast(
            "asyncio.Protocol",
            protocol(config=self.config, server_state=self.server_state, app_state=self.lifespan.state),
        )

    def _others_have_fewer(self) -> bool:
        self._tell_connections()
        return self._worker.others_have_fewer()

    def _tell_connections(self) -> None:
        self._worker.tell_connections(self._number_of_connections())

    def _number_of_connections(self) -> int:
        return len(self.server_state.connections) + sum(acceptor.opening for acceptor in self._acceptors)

    def _has_room(self) -> bool:
        """Tell whether another connection may be taken; if not, the one that is least missed makes room for the next
        try."""
        if self._number_of_connections() < self._limit:
            return True
        connections = cast("set[HttpProtocol]", self.server_state.connections)
        if silent := longest_waiting(connections, asyncio.get_running_loop().time()):
            silent.transport.abort()
            return True
        return False

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if not self._draining.server:  # only this worker ends, by a signal or after enough requests
            self._draining.begin()
            self._worker.tell_ending()
            await asyncio.sleep(self._delay)
        for acceptor in self._acceptors:
            acceptor.close()
        self._worker.tell_serving(False)
        await asyncio.sleep(SETTLE)
        await super().shutdown(sockets)


class Worker(UvicornWorker):  # type: ignore[misc]
    """One of the processes that answer requests."""

    slot: int
    """A number that no other living worker has; its successor takes it over."""

    def __init__(self, age: int, ppid: int, sockets: Any, application: Served, *rest: Any) -> None:
        self.CONFIG_KWARGS = uvicorn_arguments(application.settings)
        super().__init__(age, ppid, sockets, application, *rest)
        logger = logging.getLogger("uvicorn.error")  # which the base class has tied to gunicorn's
        logger.handlers, logger.propagate = [], True

    async def _serve(self) -> None:
        application: Served = self.app
        draining = Draining(application.state)
        self.config.app = application.for_worker(draining)
        self._server = Server(self.config, draining, application.settings.drain_delay, self)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._end)
        loop.add_signal_handler(signal.SIGQUIT, os._exit, 0)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the main process decides
        self._watch_start = asyncio.create_task(self._tell_when_started())
        self._sign_of_life = asyncio.create_task(self._show_life())
        await self._server.serve(sockets=self.sockets)
        if not self._server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)

    def tell_serving(self, serving: bool) -> None:
        """Tell the other processes whether this one answers requests."""
        self.app.state.set_serving(self.slot, serving)

    def tell_connections(self, number: int) -> None:
        """Tell the other workers how many connections this one has."""
        self.app.state.set_connections(self.slot, number)

    def tell_full(self, full: bool) -> None:
        """Tell the inner port and the other processes whether this one can take no further connection."""
        self.app.state.set_full(self.slot, full)

    def others_have_fewer(self) -> bool:
        """Tell whether another worker has fewer connections."""
        found: bool = self.app.state.others_have_fewer(self.slot)
        return found

    def tell_ending(self) -> None:
        """Have the main process start another one now, not when the last request here has ended."""
        self.app.state.set_ending(self.slot, True)

    async def _show_life(self) -> None:
        """Show the main process that this worker lives: uvicorn does not while it waits for the last requests."""
        while True:
            self.notify()
            await asyncio.sleep(SIGN_OF_LIFE)

    def _end(self) -> None:
        self._server.should_exit = True

    async def _tell_when_started(self) -> None:
        while not self._server.started:
            await asyncio.sleep(0.01)
        with contextlib.suppress(TimeoutError):  # a database that is away is readiness' to tell
            await asyncio.wait_for(asyncio.shield(asyncio.to_thread(app.warm_up)), WARM_UP_LIMIT)
        self.tell_serving(True)


def uvicorn_arguments(settings: ProcessSettings) -> dict[str, Any]:
    """Give the arguments of `uvicorn.Config` besides those that gunicorn's worker gives."""
    return {
        "loop": "uvloop",
        "http": HttpProtocol,
        "ws": "none",  # MLflow has no WebSockets
        "proxy_headers": False,  # trustedProxies decides, in server/http/addresses/forwarded.py
        "timeout_keep_alive": KEEP_ALIVE,
        "timeout_graceful_shutdown": settings.shutdown_timeout,
        "access_log": False,
        "ssl_certfile": settings.certificate,
        "ssl_keyfile": settings.key,
        "limit_max_requests": settings.max_requests or None,
        "limit_max_requests_jitter": settings.max_requests // 10,  # so that workers do not end together
        **settings.uvicorn,
    }
