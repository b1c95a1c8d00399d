"""What it costs to be known by a session or by a token, beside a password that is remembered; and what wrong tokens
cost those who come with right ones.

All three are the same user on the same server, one after the other, so that what differs is how they are known.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import statistics
from http import HTTPStatus
from typing import TYPE_CHECKING

from benchmarks.calls import CALLS, Caller
from benchmarks.errors import BenchmarkError
from benchmarks.http1 import Connection, request
from benchmarks.load import lasting, load
from benchmarks.rest import wait_for_rest
from benchmarks.rounds import order, sample
from benchmarks.sides import Flowship
from benchmarks.users import PLAIN, BySession, ByToken
from tests.integration.signing_in import Browser, made_token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.session import Session
    from benchmarks.sides import MlflowServer
    from benchmarks.users import Sender

PASSWORD, SESSION, TOKEN = "by password", "by session", "by token"
MEASURES = {call: f"{call}, known" for call in ("runs/get", "log-metric")}
"""The calls that are measured, and what their samples are kept as."""

WRONG = "runs/get beside wrong tokens, seconds"
ALONE, BESIDE = "alone", "beside wrong tokens"
WRONG_A_MINUTE = 10_000
WRONG_CONNECTIONS = 4
RIGHT_CONNECTIONS = 2
"""Connections that ask with a right token; few, so that their time is that of requests and not of a queue."""


def measure(session: Session) -> None:
    """All rounds; each has a server of its own, which is warm before anything counts."""
    for number in range(session.plan.rounds):
        with session.server(Flowship, "basic") as server:
            wait_for_rest(server.tree.cpu_seconds, session.plan.quiet_seconds, session.plan.rest_limit)
            known = {label: _callers(session, sender) for label, sender in _known(server).items()}
            calls = {measured: CALLS[call] for call, measured in MEASURES.items()}
            for call, callers in itertools.product(calls.values(), known.values()):
                asyncio.run(load(server.port, [call(each) for each in callers], lasting(session.plan.warm_up_seconds)))
            for label in _there_and_back(number, tuple(known)):
                session.report(f"round {number + 1} of {session.plan.rounds}: {label}")
                sample(session, server, label, known[label], calls, warm=True)
            for label in _there_and_back(number, (ALONE, BESIDE)):
                session.report(f"round {number + 1} of {session.plan.rounds}: right tokens {label}")
                taken = asyncio.run(_taken(session, server, known[TOKEN][:RIGHT_CONNECTIONS], wrong=label == BESIDE))
                session.results.add(WRONG, label, taken)


def _there_and_back(number: int, labels: Sequence[str]) -> list[str]:
    """Give each label twice, in an order and in the opposite one: on one server what comes first finds another state of
    it and of its database than what comes last."""
    there = list(order(number, labels))
    return [*there, *reversed(there)]


def _callers(session: Session, sender: Sender) -> list[Caller]:
    return [Caller(each, session.subject, session.plan, [sender]) for each in range(session.plan.connections)]


def _known(server: MlflowServer) -> Mapping[str, Sender]:
    """Sign in, and make a token."""
    browser = Browser(f"http://{server.host}:{server.port}")
    answer = browser.sign_in(PLAIN.name, PLAIN.password)
    if answer.status_code != HTTPStatus.SEE_OTHER:
        raise BenchmarkError(f"the login page answered {answer.status_code}")
    return {
        PASSWORD: PLAIN,
        SESSION: BySession(browser.cookies, browser.origin),
        TOKEN: ByToken(made_token(browser)),
    }


async def _taken(session: Session, server: MlflowServer, callers: Sequence[Caller], *, wrong: bool) -> float:
    """Give the median seconds of a request with a right token, alone or while others send wrong ones."""
    seconds = session.plan.wrong_tokens_seconds
    async with asyncio.TaskGroup() as group:
        for _ in range(WRONG_CONNECTIONS if wrong else 0):
            group.create_task(_guess(server.port, seconds))
        done = await load(server.port, [CALLS["runs/get"](each) for each in callers], lasting(seconds))
    return statistics.median(done.latencies)


async def _guess(port: int, seconds: float) -> None:
    """Send wrong tokens, each another one, on one of the connections that together send so many a minute."""
    pause = 60 / WRONG_A_MINUTE * WRONG_CONNECTIONS
    loop = asyncio.get_running_loop()
    began = loop.time()
    connection = await Connection.open(port)
    try:
        for number in itertools.count(1):
            wrong = ByToken(f"flowship_{secrets.token_urlsafe(32)}")
            answer = await connection.exchange(request("GET", "/api/2.0/mlflow/users/current", None, wrong))
            if answer.status != HTTPStatus.UNAUTHORIZED:
                raise BenchmarkError(f"a wrong token was answered {answer.status}")
            if loop.time() - began >= seconds:
                return
            await asyncio.sleep(max(0.0, began + number * pause - loop.time()))
    finally:
        connection.close()
