"""The alternating runs: each starts a server on a fresh copy of the data, lets it come to rest, and loads it.

Never do two servers run at the same time, unless the plan shares them. Each round has one run of every contestant;
every second round has them in the opposite order, so that what drifts on the machine meets all alike.
"""

from __future__ import annotations

import asyncio
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from benchmarks.calls import CALLS, Caller
from benchmarks.load import lasting, load
from benchmarks.processes import Tree
from benchmarks.sides import Flowship, MlflowServer, Upstream
from benchmarks.users import ADMIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from benchmarks.session import Session
    from benchmarks.sides import Access
    from benchmarks.users import User

FIRST_ANSWER, CPU, MEMORY = "first answer", "cpu until rest", "memory at rest"

T = TypeVar("T")


def processor_time(measure: str) -> str:
    """What the processor seconds of one request are kept as: those of the server and its database together."""
    return f"{measure}, processor time"


MLFLOW = "MLflow"
FLOWSHIP = "Flowship"
FLOWSHIP_ADMIN = "Flowship, basic auth, admin"
MLFLOW_ADMIN = "MLflow, basic auth, admin"


@dataclass(frozen=True)
class Contestant:
    """One server, and who loads it, by the name under which the samples are kept."""

    side: type[MlflowServer]
    access: Access
    callers: dict[str, User | None]
    warm: bool = True
    """Whether it is warmed up, which would take one that answers once a second too long."""


CONTESTANTS = (
    Contestant(Upstream, "open", {MLFLOW: None}),
    Contestant(Flowship, "open", {FLOWSHIP: None}),
    Contestant(Flowship, "basic", {FLOWSHIP_ADMIN: ADMIN}),
    Contestant(Upstream, "basic", {MLFLOW_ADMIN: ADMIN}, warm=False),
)


def order(number: int, contestants: Sequence[T]) -> Iterator[T]:
    """The contestants of a round, in the opposite order every second time."""
    return iter(contestants) if number % 2 == 0 else reversed(contestants)


def measure(session: Session, *, start: bool, throughput: bool) -> None:
    """All rounds; without `throughput` only of those whose start is compared."""
    contestants = [one for one in CONTESTANTS if throughput or one.access == "open"]
    for number in range(session.plan.rounds):
        for contestant in order(number, contestants):
            names = ", ".join(contestant.callers)
            session.report(f"round {number + 1} of {session.plan.rounds}: {names}")
            _run(session, contestant, start=start, throughput=throughput)


def _run(session: Session, contestant: Contestant, *, start: bool, throughput: bool) -> None:
    with session.server(contestant.side, contestant.access) as server:
        name = next(iter(contestant.callers))
        rest = session.wait_for_rest(server, name)
        if start and contestant.access == "open":
            session.results.add(FIRST_ANSWER, name, server.first_answer)
            session.results.add(CPU, name, rest.cpu)
            session.results.add(MEMORY, name, server.tree.pss())
        if throughput:
            for label, user in contestant.callers.items():
                callers = [
                    Caller(number, session.subject, session.plan, [user]) for number in range(session.plan.connections)
                ]
                sample(session, server, label, callers, CALLS, warm=contestant.warm)


def sample(
    session: Session,
    server: MlflowServer,
    label: str,
    callers: Sequence[Caller],
    calls: Mapping[str, Callable[[Caller], Iterator[bytes]]],
    *,
    warm: bool,
) -> None:
    """Load a server with each of the calls, and keep what came of it under their names and this label."""
    plan, results = session.plan, session.results
    trees = (server.tree, Tree(session.postgres.pid))
    for name, call in calls.items():
        if warm:
            asyncio.run(load(server.port, [call(caller) for caller in callers], lasting(plan.warm_up_seconds)))
        before = sum(tree.cpu_seconds() for tree in trees)
        done = asyncio.run(load(server.port, [call(caller) for caller in callers], lasting(plan.load_seconds)))
        used = sum(tree.cpu_seconds() for tree in trees) - before
        results.add(name, label, done.rate)
        results.add(processor_time(name), label, used / len(done.latencies))
        results.add(f"{name}, median latency", label, statistics.median(done.latencies))
        results.add(f"{name}, client's share of a core", label, done.client_cpu / done.seconds)
