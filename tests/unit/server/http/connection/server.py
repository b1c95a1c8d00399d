"""The protocol on a socket of loopback, in front of an app, and what a client of it gets."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.server import ServerState

from flowship.server.http.connection.protocol import Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Receive, Scope, Send


class Client:
    """A connection, and the server's side of it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, made: list[Protocol]) -> None:
        self._reader = reader
        self._writer = writer
        self._made = made

    @property
    def server(self) -> Protocol:
        return self._made[0]

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()

    async def head(self) -> str:
        """The next status line and headers."""
        async with asyncio.timeout(60):
            return (await self._reader.readuntil(b"\r\n\r\n")).decode()

    async def rest(self) -> str:
        """All that comes until the server closes."""
        async with asyncio.timeout(60):
            try:
                return (await self._reader.read()).decode()
            except ConnectionError:
                return ""

    async def until(self, reached: Any) -> None:
        async with asyncio.timeout(60):
            while not reached():
                await asyncio.sleep(0.001)


@contextlib.asynccontextmanager
async def connected(app: ASGIApp, tls: tuple[ssl.SSLContext, ssl.SSLContext] | None = None) -> AsyncIterator[Client]:
    """A client that is connected to the app through the protocol; `tls` is the server's side and the client's."""
    config = uvicorn.Config(app, http=Protocol, ws="none", lifespan="off", log_config=None, proxy_headers=False)
    config.load()
    state, made = ServerState(), list[Protocol]()

    def protocol() -> Protocol:
        made.append(Protocol(config=config, server_state=state, app_state={}))
        return made[-1]

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls[0] if tls else None)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), ssl=tls[1] if tls else None)
    try:
        yield Client(reader, writer, made)
    finally:
        writer.close()
        server.close()
        for made_one in made:
            made_one.transport.abort()
        await asyncio.sleep(0.001)


class App:
    """Greets, and keeps what it got."""

    def __init__(self, *, reads: bool = True) -> None:
        self.scopes: list[Scope] = []
        self.bodies: list[bytes] = []
        self.answering = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self._reads = reads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        if self._reads:
            self.bodies.append(await body_of(receive))
        self.answering.set()
        await self.may_answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        await send({"type": "http.response.body", "body": b"hello"})


async def body_of(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body
