"""Requests that are lost while a server changes: a worker that ends, or one of two servers that is asked to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import TYPE_CHECKING

from benchmarks.balancer import balanced
from benchmarks.clients import Tally, clients
from benchmarks.sides import Flowship, MlflowServer, Upstream, running
from benchmarks.workers import find_workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.session import Session

WORKERS_END, SERVER_STOPS = "lost while workers end", "lost while a server stops"
STOPPED_IN = "seconds until a server has stopped"

END_LIMIT = 150.0
"""Seconds in which a server must have stopped: beyond its drain delay and its limit for running requests."""


def measure(session: Session) -> None:
    """Both changes, with Flowship and, if planned, with upstream."""
    sides: Sequence[type[MlflowServer]] = (Upstream, Flowship) if session.plan.upstream_losses else (Flowship,)
    for side in sides:
        session.report(f"workers end one by one, then one of two servers stops: {side.label}")
        with session.setup() as setup, session.running(side, setup) as staying, running(side, setup) as stopping:
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
            with contextlib.suppress(ProcessLookupError):  # it was replaced for a reason of its own
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
        while stopping.running and loop.time() < began + END_LIMIT:
            await asyncio.sleep(0.05)
        seconds = loop.time() - began
        if stopping.exit_status != 0:
            session.results.notes.append(f"{stopping.label}, asked to stop, ended with {stopping.exit_status}, not 0")
        await asyncio.sleep(session.plan.kill_interval)
        tally.ended = True
    return tally, seconds
