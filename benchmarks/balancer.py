"""What Kubernetes puts before the pods, in little: a proxy for connections that follows each server's readiness.

As there, the choice is made once for each connection, among the servers that were ready when last asked; a connection
that exists stays where it is.
"""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from benchmarks.http1 import HOST, Connection, NoAnswer, request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

PROBE_INTERVAL = 0.5
PROBE_TIMEOUT = 5.0


class Balancer:
    """Takes connections on `port`, and leads each to a ready server."""

    def __init__(self, servers: Sequence[int], ready_path: str) -> None:
        self.port = 0
        self.ready = set(servers)
        self._servers = servers
        self._probe = request("GET", ready_path, close=True)
        self._count = 0
        self._tunnels: set[asyncio.Task[None]] = set()

    async def follow(self, server: int) -> None:
        """Ask one server for its readiness, for ever. One that is only slow stays what it was."""
        while True:
            with contextlib.suppress(TimeoutError):
                ready = await asyncio.wait_for(self._is_ready(server), PROBE_TIMEOUT)
                (self.ready.add if ready else self.ready.discard)(server)
            await asyncio.sleep(PROBE_INTERVAL)

    async def _is_ready(self, server: int) -> bool:
        try:
            connection = await Connection.open(server)
        except NoAnswer:
            return False
        try:
            return (await connection.exchange(self._probe)).status == HTTPStatus.OK
        except NoAnswer:
            return False
        finally:
            connection.close()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._lead(reader, writer))
        self._tunnels.add(task)
        task.add_done_callback(self._tunnels.discard)

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ready = [server for server in self._servers if server in self.ready]
        self._count += 1
        try:
            if ready:
                with contextlib.suppress(OSError):
                    await _tunnel(reader, writer, ready[self._count % len(ready)])
        finally:
            writer.close()

    async def end(self) -> None:
        """End every tunnel that is left."""
        for task in self._tunnels:
            task.cancel()
        await asyncio.gather(*self._tunnels, return_exceptions=True)


@asynccontextmanager
async def balanced(servers: Sequence[int], ready_path: str) -> AsyncIterator[Balancer]:
    """A balancer before these ports."""
    balancer = Balancer(servers, ready_path)
    listener = await asyncio.start_server(balancer.accept, HOST, 0)
    balancer.port = listener.sockets[0].getsockname()[1]
    probes = [asyncio.create_task(balancer.follow(server)) for server in servers]
    try:
        yield balancer
    finally:
        listener.close()
        for probe in probes:
            probe.cancel()
        await asyncio.gather(*probes, return_exceptions=True)
        await balancer.end()


async def _tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: int) -> None:
    """Pass on what either end says, until one of them ends."""
    far_reader, far_writer = await asyncio.open_connection(HOST, server)
    ways = [asyncio.create_task(_pass_on(reader, far_writer)), asyncio.create_task(_pass_on(far_reader, writer))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        far_writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
