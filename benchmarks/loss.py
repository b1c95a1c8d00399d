"""Requests that are lost while a server changes: a worker that ends, or one of two servers that is asked to stop.

The clients are raw (ruling 41): none repeats a request, and none looks whether its connection still is there before it
sends. New connections, kept ones that are always busy, and kept ones that are idle for less than the drain delay. Only
after an answer that says `Connection: close` does a client open another.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from benchmarks.balancer import balanced
from benchmarks.calls import Caller, get_run, log_metric
from benchmarks.errors import BenchmarkError
from benchmarks.http1 import Connection, NoAnswer, first_line
from benchmarks.sides import Flowship, MlflowServer, Upstream, running
from benchmarks.workers import find_workers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from benchmarks.session import Session

WORKERS_END, SERVER_STOPS = "lost while workers end", "lost while a server stops"
STOPPED_IN = "seconds until a server has stopped"

ANSWER_LIMIT = 60.0
"""Seconds after which a request without an answer is lost."""
AFTER_A_LOSS = 0.1
"""Seconds that a client waits after a loss, so that one refused is not counted a thousand times."""
END_LIMIT = 150.0
"""Seconds in which a server must have stopped: beyond its drain delay and its limit for running requests."""


@dataclass
class Tally:
    """What clients sent, and what of it was lost and how, by kind of client."""

    sent: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    ended: bool = False
    """Clients stop when it is set."""


@dataclass(frozen=True)
class Kind:
    """A kind of client."""

    name: str
    kept: bool
    """Whether it keeps its connection."""
    pause: Callable[[], float]
    """Seconds between an answer and the next request."""
    requests: Callable[[Caller], Iterator[bytes]]


def kinds(drain_delay: float) -> dict[Kind, int]:
    """The kinds of clients, and how many of each."""
    return {
        Kind("new connections", kept=False, pause=lambda: 0.02, requests=get_run): 4,
        Kind("busy connections", kept=True, pause=lambda: 0.0, requests=log_metric): 8,
        Kind("idle connections", kept=True, pause=lambda: random.uniform(0.1, 0.9) * drain_delay, requests=get_run): 16,
    }


async def ask(port: int, kind: Kind, requests: Iterator[bytes], tally: Tally) -> None:
    """One client, until the tally is ended."""
    connection: Connection | None = None
    while not tally.ended:
        sent = next(requests)
        tally.sent[kind.name] += 1
        try:
            connection = connection or await Connection.open(port)
            answer = await asyncio.wait_for(connection.exchange(sent), ANSWER_LIMIT)
        except (NoAnswer, TimeoutError) as error:
            tally.lost[f"{kind.name}: {error or 'no answer in time'}"] += 1
            _close(connection)
            connection = None
            await asyncio.sleep(AFTER_A_LOSS)
            continue
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            tally.lost[f"{kind.name}: status {answer.status}"] += 1
        elif answer.status != HTTPStatus.OK:
            raise BenchmarkError(f"{first_line(sent)} was answered {answer.status}: {answer.body[:300]!r}")
        if answer.closing or not kind.kept:
            _close(connection)
            connection = None
        await asyncio.sleep(kind.pause())
    _close(connection)


def _close(connection: Connection | None) -> None:
    if connection is not None:
        connection.close()


async def clients(session: Session, port: int, tally: Tally) -> None:
    """All clients at the same time, until the tally is ended."""
    async with asyncio.TaskGroup() as group:
        for kind, count in kinds(session.plan.drain_delay).items():
            for number in range(count):
                requests = kind.requests(Caller(number, session.subject, session.plan))
                group.create_task(ask(port, kind, requests, tally))


def measure(session: Session) -> None:
    """Both changes, with Flowship and, if planned, with upstream."""
    sides: Sequence[type[MlflowServer]] = (Upstream, Flowship) if session.plan.upstream_losses else (Flowship,)
    for side in sides:
        session.report(f"workers end one by one, then one of two servers stops: {side.label}")
        with session.setup() as setup, running(side, setup) as staying, running(side, setup) as stopping:
            _record(session, WORKERS_END, side, asyncio.run(_end_workers(session, stopping)))
            tally, seconds = asyncio.run(_stop_one(session, stopping, staying))
            _record(session, SERVER_STOPS, side, tally)
            session.results.add(STOPPED_IN, side.label, seconds)


def _record(session: Session, measured: str, side: type[MlflowServer], tally: Tally) -> None:
    results = session.results
    results.add(measured, side.label, tally.lost.total())
    results.add(measured.replace("lost", "sent"), side.label, tally.sent.total())
    results.notes += [f"{side.label}, {measured}: {count} of {how}" for how, count in sorted(tally.lost.items())]


async def _end_workers(session: Session, server: MlflowServer) -> Tally:
    """Ask each of the workers that are there at the beginning to end, one after the other, under load."""
    tally, interval = Tally(), session.plan.kill_interval
    workers = await find_workers(server.tree, server.port, session.plan.workers)
    async with asyncio.TaskGroup() as group:
        group.create_task(clients(session, server.port, tally))
        for pid in sorted(workers):
            await asyncio.sleep(interval)
            os.kill(pid, signal.SIGTERM)
        await asyncio.sleep(interval)
        tally.ended = True
    return tally


async def _stop_one(session: Session, stopping: MlflowServer, staying: MlflowServer) -> tuple[Tally, float]:
    """Stop one of two servers behind a balancer, under load; also gives how many seconds it took to end."""
    tally, loop = Tally(), asyncio.get_running_loop()
    async with balanced([stopping.port, staying.port], stopping.ready_path) as balancer, asyncio.TaskGroup() as group:
        group.create_task(clients(session, balancer.port, tally))
        await asyncio.sleep(session.plan.kill_interval)
        began = loop.time()
        stopping.terminate()
        async for _ in _moments(0.05, END_LIMIT):
            if not stopping.running:
                break
        if stopping.exit_status != 0:
            session.results.notes.append(f"{stopping.label}, asked to stop, ended with {stopping.exit_status}, not 0")
        seconds = loop.time() - began
        await asyncio.sleep(session.plan.kill_interval)
        tally.ended = True
    return tally, seconds


async def _moments(interval: float, limit: float) -> AsyncIterator[None]:
    for _ in range(int(limit / interval)):
        yield
        await asyncio.sleep(interval)
