"""Many connections that ask at the same time, without a pause, and how much is answered."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from benchmarks.errors import BenchmarkError
from benchmarks.http1 import Connection, NoAnswer, first_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@dataclass(frozen=True)
class Load:
    """What one load came to."""

    seconds: float
    latencies: tuple[float, ...]
    """Seconds that each request took, in the order of their answers."""
    client_cpu: float
    """Processor seconds that the client used: a client that needs a whole core measures itself."""

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds


def lasting(seconds: float) -> Callable[[], bool]:
    """Whether to go on: for so long."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end


def counting(number: int) -> Callable[[], bool]:
    """Whether to go on: so many times, asked by all connections together."""
    left = iter(range(number))
    return lambda: next(left, None) is not None


async def load(port: int, callers: Sequence[Iterator[bytes]], go_on: Callable[[], bool]) -> Load:
    """Send what each caller has on a kept connection of its own, until `go_on` is false and all are answered.

    Raises:
        BenchmarkError: an answer was not 200, or a connection broke; a rate of refusals would not be one.
    """
    latencies: list[float] = []
    began, cpu = time.monotonic(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for requests in callers:
            group.create_task(_ask(port, requests, go_on, latencies))
    return Load(time.monotonic() - began, tuple(latencies), time.process_time() - cpu)


async def _ask(port: int, requests: Iterator[bytes], go_on: Callable[[], bool], latencies: list[float]) -> None:
    connection = await Connection.open(port)
    try:
        while go_on():
            sent = next(requests)
            began = time.monotonic()
            answer = await connection.exchange(sent)
            latencies.append(time.monotonic() - began)
            if answer.status != HTTPStatus.OK:
                raise BenchmarkError(f"{first_line(sent)} was answered {answer.status}: {answer.body[:300]!r}")
            if answer.closing:
                connection.close()
                connection = await Connection.open(port)
    except NoAnswer as error:
        raise BenchmarkError(f"{first_line(sent)}: {error}") from error
    finally:
        connection.close()
