"""A small web server that answers as a test tells it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from benchmarks.http1 import HOST

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LAST = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
NOTHING = b""


@asynccontextmanager
async def answering(answer: Callable[[str], bytes]) -> AsyncIterator[int]:
    """Serve on a free port, which is given; `answer` gets each path. Without an answer the connection is closed, as it
    is after an answer that says so."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                text = answer(head.split(b" ")[1].decode())
                writer.write(text)
                if not text or b"Connection: close" in text:
                    return
        except (EOFError, OSError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
