"""Clients that count what is lost.

They are raw (docs/explanation/decisions.md): none repeats a request, and none looks whether its connection still is
there before it sends.
New connections, kept ones that are always busy, and kept ones that are idle for less than the drain delay. Only after
an answer that says `Connection: close` does a client open another.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from benchmarks.calls import Caller, get_run, log_metric
from benchmarks.errors import BenchmarkError
from benchmarks.http1 import Connection, NoAnswer, first_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.session import Session

AFTER_A_LOSS = 0.1
"""Seconds that a client waits after a loss, so that one refused is not counted a thousand times."""


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
            answer = await connection.exchange(sent)
        except NoAnswer as error:
            tally.lost[f"{kind.name}: {error}"] += 1
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
