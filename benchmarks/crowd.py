"""Many more clients than a server has connections to its database, which all log at the same time for a minute.

Each answer must be 200; how much longer than the median the slowest hundredth of them waits shows whether requests get
their turn in order.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.calls import CALLS, Caller
from benchmarks.databases import Databases
from benchmarks.load import lasting, load
from benchmarks.rounds import FLOWSHIP
from benchmarks.seeding import fill
from benchmarks.sides import Flowship, Setup, running

if TYPE_CHECKING:
    from benchmarks.session import Session


class FlowshipOnSqlite(Flowship):
    """`flowship serve` as it is without a database in its values."""

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name != "backendStore"}


DATABASES: dict[str, type[Flowship]] = {"PostgreSQL": Flowship, "SQLite": FlowshipOnSqlite}


def slowest(database: str) -> str:
    """What the share of the slowest hundredth is kept as."""
    return f"log-batch of a crowd, {database}, slowest hundredth"


def measure(session: Session) -> None:
    """One minute with each database."""
    plan = replace(session.plan, connections=session.plan.crowd, seeded_runs=1)
    for database, side in DATABASES.items():
        session.report(f"{plan.crowd} clients log at the same time: {database}")
        databases = Databases(session.postgres.fresh_database(), session.originals.users)
        with (
            tempfile.TemporaryDirectory(prefix="flowship-crowd-") as data,
            running(side, Setup(plan, databases, Path(data))) as server,
        ):
            subject = asyncio.run(fill(server.port, plan))
            requests = [CALLS["log-batch"](Caller(number, subject, plan)) for number in range(plan.crowd)]
            done = asyncio.run(load(server.port, requests, lasting(plan.crowd_seconds)))
        session.results.add(f"log-batch of a crowd, {database}", FLOWSHIP, done.rate)
        middle, last = statistics.median(done.latencies), statistics.quantiles(done.latencies, n=100)[-1]
        session.results.add(slowest(database), FLOWSHIP, last / middle)
