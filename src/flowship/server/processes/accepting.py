"""Connections spread evenly over the workers, which all listen on one socket.

An event loop takes every connection that waits, so the first worker that turns would get them all: measured with 16
kept connections, one of four answered all requests while the others were idle. Here a worker takes one at a time, and
lets workers that have fewer connections be first. It takes only so many that file descriptors are left for databases
and files.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from flowship.server.http.connection.limits import HEAD_SECONDS
from flowship.server.reporting.seldom import Seldom

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable

_logger = logging.getLogger(__name__)

TURN = 0.005
"""Seconds for which a connection waits for a worker that has fewer; as long as Python keeps a busy one from it."""

PAUSE = 1.0
"""Seconds until the next try when a connection cannot be taken, such as without a free file descriptor."""

FULL_PAUSE = 0.1
"""Seconds until the next try while there are as many connections as there may be."""


class Acceptor:
    """Takes the connections of a listening socket, in one worker."""

    def __init__(
        self,
        listener: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        tls: ssl.SSLContext | None,
        others_have_fewer: Callable[[], bool],
        has_room: Callable[[], bool] = lambda: True,
        tell_full: Callable[[bool], None] = lambda full: None,
    ) -> None:
        """`has_room` may make room, and `tell_full` is told when connections cannot be taken and can be again."""
        self._listener = listener
        self._protocol = protocol
        self._tls = tls
        self._others_have_fewer = others_have_fewer
        self._has_room = has_room
        self._tell_full = tell_full
        self._full = False
        self._no_room, self._failed = Seldom(_logger), Seldom(_logger)
        self._opening: set[asyncio.Task[None]] = set()
        listener.setblocking(False)
        self._accepting = asyncio.create_task(self._accept())

    @property
    def opening(self) -> int:
        """How many connections were taken and are not the server's yet, such as during their TLS handshake."""
        return len(self._opening)

    def close(self) -> None:
        """Take no more connections, and close the socket in this process."""
        self._accepting.cancel()
        asyncio.get_running_loop().remove_reader(self._listener)
        self._listener.close()

    async def _accept(self) -> None:
        while True:
            try:
                if not self._full:  # else it is tried until it is known to work again, even if nobody comes
                    await self._readable()
                    if self._others_have_fewer():
                        await asyncio.sleep(TURN)
                if not self._has_room():
                    self._no_room.warning("there are as many connections as the limit of file descriptors allows")
                    await self._wait(FULL_PAUSE)
                    continue
                self._take()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                pass  # another worker has it, or it is gone
            except Exception as error:  # whatever it is, a worker that stopped taking connections would look healthy
                self._failed.warning("cannot take a connection (%s); trying again every %g s", error, PAUSE)
                await self._wait(PAUSE)
                continue
            self._set_full(False)

    async def _wait(self, seconds: float) -> None:
        self._set_full(True)
        await asyncio.sleep(seconds)

    def _set_full(self, full: bool) -> None:
        if full != self._full:
            self._full = full
            self._tell_full(full)

    def _take(self) -> None:
        connection, _ = self._listener.accept()
        connection.setblocking(False)
        opening = asyncio.create_task(self._open(connection))
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        waiting = loop.create_future()
        loop.add_reader(self._listener, self._resolve, waiting)
        await waiting

    def _resolve(self, waiting: asyncio.Future[None]) -> None:
        waiting.get_loop().remove_reader(self._listener)
        if not waiting.done():
            waiting.set_result(None)

    async def _open(self, connection: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._protocol,
                connection,
                ssl=self._tls,
                ssl_handshake_timeout=HEAD_SECONDS if self._tls else None,
            )
        except OSError as error:  # ssl.SSLError is one: a client that gave up, or does not speak TLS
            _logger.debug("a connection was not opened: %s", error)
            connection.close()
