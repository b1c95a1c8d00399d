"""Which processes of a server are its workers: those that answer."""

from __future__ import annotations

import asyncio
import contextlib
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.errors import BenchmarkError
from benchmarks.http1 import Connection, request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from benchmarks.processes import Tree

TRIES = 32
"""Connections at a time, on which so many workers are likely to answer."""
LIMIT = 60.0


async def find_workers(tree: Tree, port: int, count: int) -> set[int]:
    """The ids of the processes that answer on a port, by asking until so many are known.

    Raises:
        BenchmarkError: there are fewer.
    """
    async with connected(tree, port, count) as connections:
        return set(connections)


@asynccontextmanager
async def connected(tree: Tree, port: int, count: int) -> AsyncIterator[dict[int, Connection]]:
    """A connection to each of so many workers, by their ids.

    Raises:
        BenchmarkError: there are fewer.
    """
    deadline = time.monotonic() + LIMIT
    found: dict[int, Connection] = {}
    try:
        while len(found) < count and time.monotonic() < deadline:
            opened = await asyncio.gather(*(Connection.open(port) for _ in range(TRIES)))
            for worker, connection in zip(await _answering(opened, tree, port), opened, strict=True):
                if not worker or found.setdefault(worker, connection) is not connection:
                    connection.close()
        if len(found) < count:
            raise BenchmarkError(f"only {len(found)} of {count} workers answered within {LIMIT:.0f} s")
        yield found
    finally:
        for connection in found.values():
            connection.close()


async def _answering(connections: Sequence[Connection], tree: Tree, port: int) -> list[int]:
    """The process that answers on each of the connections, 0 when there is none."""
    ask = request("GET", "/api/2.0/mlflow/experiments/get?experiment_id=0")
    await asyncio.gather(*(connection.exchange(ask) for connection in connections))
    table, pids = Path("/proc/net/tcp").read_text(), tree.pids()
    return [max(owners(pids, accepted(table, port, [one.port])), default=0) for one in connections]


def accepted(table: str, port: int, peers: Iterable[int]) -> set[int]:
    """The inodes of a server's ends of connections, from /proc/net/tcp, whose numbers are hexadecimal; see proc(5)."""
    wanted = {f"{peer:04X}" for peer in peers}
    found = set()
    for line in table.splitlines()[1:]:
        fields = line.split()
        local, remote = fields[1].rpartition(":")[2], fields[2].rpartition(":")[2]
        if local == f"{port:04X}" and remote in wanted:
            found.add(int(fields[9]))
    return found - {0}


def owners(pids: Iterable[int], inodes: set[int]) -> set[int]:
    """The processes that hold one of these sockets."""
    return {pid for pid in pids if inodes & set(_sockets(pid).values())}


def _sockets(pid: int) -> Mapping[str, int]:
    found = {}
    with contextlib.suppress(OSError):
        for link in (Path("/proc") / str(pid) / "fd").iterdir():
            with contextlib.suppress(OSError):
                target = str(link.readlink())
                if target.startswith("socket:["):
                    found[link.name] = int(target[8:-1])
    return found
