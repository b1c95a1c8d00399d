"""Whether workers grow under many requests: their memory after a first part, and after each further part."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from benchmarks.calls import Caller, mixed
from benchmarks.errors import BenchmarkError
from benchmarks.load import counting, load
from benchmarks.processes import pss
from benchmarks.sides import Flowship
from benchmarks.users import ADMIN, PLAIN
from benchmarks.workers import find_workers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.session import Session
    from benchmarks.sides import MlflowServer

GROWTH = "growth of a worker under load"


def growth(parts: Sequence[Mapping[int, int]]) -> float:
    """By what share the worker that grew most was larger, at its largest, than after the first part."""
    first, *later = parts
    return max(part[pid] / first[pid] - 1 for part in later for pid in first)


def measure(session: Session) -> None:
    """Flowship with users on, since what authenticates keeps things in memory too."""
    session.report(f"memory of workers under {session.plan.mixed_requests} requests")
    with session.server(Flowship, "basic") as server:
        parts = asyncio.run(_loaded(session, server))
    session.results.add(GROWTH, Flowship.label, growth(parts))
    for part in parts:
        for number, pid in enumerate(sorted(part)):
            session.results.add("memory of a worker under load", f"worker {number + 1}", part[pid])


async def _loaded(session: Session, server: MlflowServer) -> list[dict[int, int]]:
    plan = session.plan
    workers = await find_workers(server.tree, server.port, plan.workers)
    users = (ADMIN, PLAIN)
    callers = [Caller(number, session.subject, plan, [users[number % 2]]) for number in range(plan.connections)]
    requests = [mixed(caller) for caller in callers]
    parts = []
    for done in range(plan.mixed_settled, plan.mixed_requests + 1, plan.mixed_settled):
        await load(server.port, requests, counting(plan.mixed_settled))
        parts.append({pid: pss(pid) for pid in workers})
        if not all(parts[-1].values()):
            raise BenchmarkError(f"a worker ended within {done} requests")
    return parts
