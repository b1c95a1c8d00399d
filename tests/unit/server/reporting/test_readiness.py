from __future__ import annotations

import asyncio
import threading

import pytest

from flowship.server.reporting.readiness import DatabaseAnswers, Readiness
from flowship.server.reporting.state import SharedState


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Database:
    """Answers what it is told to, and counts."""

    def __init__(self) -> None:
        self.cause: str | None = None
        self.asked = 0
        self.may_answer = threading.Event()
        self.may_answer.set()

    def ask(self) -> DatabaseAnswers:
        self.asked += 1
        self.may_answer.wait(10)
        return {"database": self.cause}


@pytest.fixture
def state() -> SharedState:
    state = SharedState(1)
    state.set_serving(0, True)
    return state


def test_a_server_whose_workers_serve_and_whose_database_answers_is_ready(state: SharedState) -> None:
    report = asyncio.run(Readiness(state, Database().ask).report())

    assert report.ready
    assert report.checks == {"stopping": "ok", "workers": "ok", "connections": "ok", "database": "ok"}


def test_a_server_that_was_asked_to_stop_is_not_ready(state: SharedState) -> None:
    state.drain()

    report = asyncio.run(Readiness(state, Database().ask).report())

    assert not report.ready
    assert report.checks["stopping"] == "the server was asked to stop"


def test_a_server_without_a_worker_is_not_ready() -> None:
    report = asyncio.run(Readiness(SharedState(1), Database().ask).report())

    assert not report.ready
    assert report.checks["workers"] == "no worker serves yet"


def test_a_server_whose_workers_can_take_no_connection_is_not_ready(state: SharedState) -> None:
    state.set_full(0, True)

    report = asyncio.run(Readiness(state, Database().ask).report())

    assert not report.ready
    assert report.checks["connections"] == "no worker can take another connection; the log says why"


def test_a_database_that_does_not_answer_is_named_with_the_cause(state: SharedState) -> None:
    database = Database()
    database.cause = "db refuses connections"

    report = asyncio.run(Readiness(state, database.ask).report())

    assert not report.ready
    assert report.checks["database"] == "db refuses connections"


def test_an_answer_is_kept_for_a_moment(state: SharedState) -> None:
    database, clock = Database(), Clock()
    readiness = Readiness(state, database.ask, clock)

    async def probes() -> None:
        await readiness.report()
        await readiness.report()
        clock.now += 3
        await readiness.report()
        assert readiness._asking is not None
        await readiness._asking

    asyncio.run(probes())

    assert database.asked == 2


def test_many_probes_at_once_ask_once(state: SharedState) -> None:
    database = Database()
    readiness = Readiness(state, database.ask)

    async def probes() -> None:
        await asyncio.gather(*(readiness.report() for _ in range(20)))

    asyncio.run(probes())

    assert database.asked == 1


def test_while_a_database_hangs_its_last_answer_stands_in_for_some_seconds(state: SharedState) -> None:
    database, clock = Database(), Clock()
    readiness = Readiness(state, database.ask, clock)

    async def probes() -> list[bool]:
        first = await readiness.report()
        database.may_answer.clear()
        database.cause = "no answer"
        clock.now += 5
        meanwhile = await asyncio.wait_for(readiness.report(), 1)
        clock.now += 10
        waiting = asyncio.create_task(readiness.report())
        database.may_answer.set()
        return [first.ready, meanwhile.ready, (await waiting).ready]

    assert asyncio.run(probes()) == [True, True, False]
