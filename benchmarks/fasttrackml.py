"""Flowship beside FastTrackML, a server in Go that answers MLflow's API on tables of its own.

It has a database of its own, which it fills itself with what Flowship's holds, and no users. Each connection writes to
a run of its own: two that write to one run at the same time deadlock in FastTrackML 0.6.0.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from benchmarks.calls import CALLS, Caller
from benchmarks.databases import Databases
from benchmarks.errors import BenchmarkError
from benchmarks.rest import wait_for_rest
from benchmarks.rounds import FLOWSHIP, order, sample
from benchmarks.seeding import fill
from benchmarks.sides import Flowship, MlflowServer, Setup, running

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.session import Session

FASTTRACKML = "FastTrackML"
PROGRAM = Path(".cache") / "fasttrackml" / "bin" / "fml"
"""Where `make fasttrackml` puts it."""

COMPARED = ("log-metric", "log-batch", "runs/search", "runs/get", "metrics/get-history")
MEASURES = {call: f"{call}, FastTrackML" for call in COMPARED}
"""The calls that are measured, and what their samples are kept as."""


class FastTrackML(MlflowServer):
    """`fml server`, with its own defaults."""

    name = "fasttrackml"
    label = FASTTRACKML
    ready_path = "/health"

    def program(self) -> list[str]:
        if not PROGRAM.exists():
            raise BenchmarkError(f"{PROGRAM} is missing; run `make fasttrackml`, or leave the part out with --only")
        artifacts = self.setup.data / "artifacts"
        address = f"{self.host}:{self.port}"
        options = ("--listen-address", address, "--default-artifact-root", str(artifacts), "--log-level", "warn")
        return [str(PROGRAM.absolute()), "server", *options]

    def environment(self) -> Mapping[str, str]:
        database = self.setup.databases.tracking
        password = quote(database.password, safe="")
        address = f"{database.host}:{database.port}/{database.name}"
        return {"FML_DATABASE_URI": f"postgres://{database.user}:{password}@{address}"}


def measure(session: Session) -> None:
    """All rounds, as those of `benchmarks.rounds`."""
    session.report("the same runs in FastTrackML")
    databases = Databases(session.postgres.fresh_database(), session.originals.users)
    with running(FastTrackML, Setup(session.plan, databases, session.data)) as server:
        subject = asyncio.run(fill(server.port, session.plan))
    sides: Mapping[type[MlflowServer], Session] = {
        Flowship: session,
        FastTrackML: replace(session, originals=databases, subject=subject),
    }
    for number in range(session.plan.rounds):
        for side in order(number, list(sides)):
            session.report(f"round {number + 1} of {session.plan.rounds}: {side.label}")
            _run(sides[side], side)


def _run(session: Session, side: type[MlflowServer]) -> None:
    plan = session.plan
    with session.server(side) as server:
        wait_for_rest(server.tree.cpu_seconds, plan.quiet_seconds, plan.rest_limit)
        callers = [Caller(number, session.subject, plan) for number in range(plan.connections)]
        calls = {measure: CALLS[call] for call, measure in MEASURES.items()}
        sample(session, server, FLOWSHIP if side is Flowship else FASTTRACKML, callers, calls, warm=True)
