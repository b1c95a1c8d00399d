"""What the benchmark's clients count, and when they refuse to."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from benchmarks.clients import Kind, Tally, ask
from benchmarks.errors import BenchmarkError
from benchmarks.http1 import request
from benchmarks.load import Load, counting, lasting, load
from tests.integration.benchmarks.answering import LAST, NOTHING, OK, UNAVAILABLE, answering
from tests.integration.servers.process import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REQUESTS = itertools.repeat(request("GET", "/it"))
A_CLIENT = Kind("a client", kept=True, pause=lambda: 0.0, requests=lambda caller: REQUESTS)


def loaded(answer: Callable[[str], bytes], go_on: Callable[[], bool], callers: int = 3) -> Load:
    async def run() -> Load:
        async with answering(answer) as port:
            return await load(port, [REQUESTS] * callers, go_on)

    return asyncio.run(run())


def tallied(answers: Sequence[bytes], *, kept: bool = True) -> Tally:
    """One client that gets these answers, one after the other."""
    tally = Tally()
    left = iter(answers)

    def answer(path: str) -> bytes:
        text = next(left)
        tally.ended = len(answers) == sum(tally.sent.values())
        return text

    async def run() -> None:
        async with answering(answer) as port:
            await ask(port, replace(A_CLIENT, kept=kept), REQUESTS, tally)

    asyncio.run(run())
    return tally


def test_exactly_as_many_requests_are_sent_as_were_asked_for() -> None:
    asked = itertools.count()

    found = loaded(lambda path: OK if next(asked) < 100 else UNAVAILABLE, counting(100))

    assert len(found.latencies) == next(asked) == 100
    assert found.rate == 100 / found.seconds


def test_a_load_lasts_as_long_as_it_was_told_to() -> None:
    found = loaded(lambda path: OK, lasting(0.2))

    assert 0.19 < found.seconds < 20
    assert found.latencies


def test_a_load_opens_another_connection_when_the_server_says_that_it_closes() -> None:
    assert len(loaded(lambda path: LAST, counting(20)).latencies) == 20


def test_a_rate_of_refusals_is_no_rate() -> None:
    with pytest.raises(ExceptionGroup) as raised:
        loaded(lambda path: UNAVAILABLE, counting(5), callers=1)

    (error,) = raised.value.exceptions
    assert isinstance(error, BenchmarkError)
    assert str(error) == "GET /it HTTP/1.1 was answered 503: b''"


def test_a_rate_with_broken_connections_is_no_rate() -> None:
    with pytest.raises(ExceptionGroup) as raised:
        loaded(lambda path: NOTHING, counting(5), callers=1)

    assert "GET /it HTTP/1.1: no answer: IncompleteReadError" in str(raised.value.exceptions[0])


def test_a_client_that_is_always_answered_loses_nothing() -> None:
    found = tallied([OK, LAST, OK])

    assert (found.sent.total(), found.lost.total()) == (3, 0)


def test_a_connection_that_ends_without_an_answer_is_a_loss_and_not_tried_again() -> None:
    found = tallied([OK, NOTHING, OK])

    assert found.sent.total() == 3
    assert found.lost == {"a client: no answer: IncompleteReadError": 1}


def test_an_error_of_the_server_is_a_loss() -> None:
    assert tallied([OK, UNAVAILABLE], kept=False).lost == {"a client: status 503": 1}


def test_a_server_that_does_not_listen_is_a_loss_at_each_try() -> None:
    tally = Tally()

    async def run() -> None:
        client = asyncio.create_task(ask(free_port(), A_CLIENT, REQUESTS, tally))
        while tally.lost.total() < 2:
            await asyncio.sleep(0)
        tally.ended = True
        await client

    asyncio.run(asyncio.wait_for(run(), 20))

    assert tally.lost == {"a client: no connection: ConnectionRefusedError": tally.sent.total()}
