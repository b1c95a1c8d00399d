"""Files on disk that the kernel sends: their bytes do not pass through Python.

This is ASGI's extension `http.response.zerocopysend`, which uvicorn does not have. An app finds it among the extensions
of a request's scope, unless the connection is encrypted: then the bytes must pass through.
"""

from __future__ import annotations

import asyncio
import os
import select
from functools import partial
from typing import TYPE_CHECKING, Any

from flowship.server.http.connection.file_threads import FileThreads

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

EXTENSION = "http.response.zerocopysend"

AT_ONCE = 8 << 20
"""Bytes that one call in a thread sends at most, so that a fast client leaves threads to others."""

PATIENCE = 20
"""Milliseconds for which a thread waits while the client has not read enough; then the event loop waits for it."""

_threads = FileThreads()


class ZeroCopy:
    """Sends the answer to one request, as uvicorn does, and files too."""

    def __init__(self, cycle: RequestResponseCycle, transport: asyncio.Transport) -> None:
        self._cycle = cycle
        self._send = cycle.send
        self._transport = transport

    async def __call__(self, message: Any) -> None:
        if message["type"] != EXTENSION:
            await self._send(message)
            return
        await self._copy(message["file"], message["offset"], message["count"])
        await self._send({"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)})

    async def _copy(self, file: int, place: int, count: int) -> None:
        """Send this part of a file. Nothing is sent any more, and nothing raised, once the client is gone."""
        if self._cycle.chunked_encoding or count > self._cycle.expected_content_length:
            raise RuntimeError("a file is sent without a Content-Length that it fits into")
        await self._sent_so_far()
        if self._cycle.disconnected:
            return
        # A descriptor of our own: the transport may close its own meanwhile, and does not let others wait for it.
        sink = os.dup(self._transport.get_extra_info("socket").fileno())
        try:
            stop = place + count
            while place < stop and not self._cycle.disconnected:
                sent = await _threads.run(partial(_copied, sink, file, place, min(stop - place, AT_ONCE)))
                if not sent:
                    await _writable(sink)
                place += sent
                self._cycle.expected_content_length -= sent
        except (BrokenPipeError, ConnectionResetError):
            self._cycle.disconnected = True
            self._transport.abort()
        finally:
            os.close(sink)

    async def _sent_so_far(self) -> None:
        """Wait until the transport has nothing more to send."""
        self._transport.set_write_buffer_limits(high=0)
        try:
            await self._cycle.flow.drain()
        finally:
            self._transport.set_write_buffer_limits()


def _copied(sink: int, file: int, place: int, count: int) -> int:
    """Send as much as the client takes now, and return how many bytes that were.

    Raises:
        EOFError: the file ends before `count` bytes; it was longer when its size was promised.
    """
    waiting = select.poll()
    waiting.register(sink, select.POLLOUT)
    done = 0
    while done < count and waiting.poll(PATIENCE):
        try:
            sent = os.sendfile(sink, file, place + done, count - done)
        except BlockingIOError:
            break
        if not sent:
            raise EOFError("a file has become shorter while it was sent")
        done += sent
    return done


async def _writable(sink: int) -> None:
    """Wait until the client has read enough for more to be sent, or is gone."""
    loop = asyncio.get_running_loop()
    waiting = loop.create_future()

    def resolve() -> None:
        if not waiting.done():
            waiting.set_result(None)

    loop.add_writer(sink, resolve)
    try:
        await waiting
    finally:
        loop.remove_writer(sink)
