"""Connections spread evenly over the workers, which all listen on one socket.

An event loop takes every connection that waits, so the first worker that turns would get them all: measured with 16
kept connections, one of four answered all requests while the others were idle. Here a worker takes one at a time, and
lets workers that have fewer connections be first.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable

_logger = logging.getLogger(__name__)

TURN = 0.005
"""Seconds for which a connection waits for a worker that has fewer; as long as Python keeps a busy one from it."""

PAUSE = 1.0
"""Seconds until the next try when a connection cannot be taken, such as without a free file descriptor."""


class Acceptor:
    """Takes the connections of a listening socket, in one worker."""

    def __init__(
        self,
        listener: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        tls: ssl.SSLContext | None,
        others_have_fewer: Callable[[], bool],
    ) -> None:
        self._listener = listener
        self._protocol = protocol
        self._tls = tls
        self._others_have_fewer = others_have_fewer
        self._opening: set[asyncio.Task[None]] = set()
        listener.setblocking(False)
        self._accepting = asyncio.create_task(self._accept())

    @property
    def opening(self) -> int:
        """How many connections were taken and are not the server's yet, such as during their TLS handshake."""
        return len(self._opening)

    def close(self) -> None:
        """Take no more, and close the socket in this process."""
        self._accepting.cancel()
        asyncio.get_running_loop().remove_reader(self._listener)
        self._listener.close()

    async def _accept(self) -> None:
        while True:
            try:
                await self._readable()
                if self._others_have_fewer():
                    await asyncio.sleep(TURN)
                self._take()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                pass  # another worker has it, or it is gone
            except Exception:  # whatever it is, a worker that stopped taking connections would look healthy
                _logger.exception("cannot take a connection; trying again in %g s", PAUSE)
                await asyncio.sleep(PAUSE)

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
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection, ssl=self._tls)
        except OSError as error:  # ssl.SSLError is one: a client that gave up, or does not speak TLS
            _logger.debug("a connection was not opened: %s", error)
            connection.close()
