"""Searches in a large experiment: how long one waits for a page of its runs, alone on the server."""

from __future__ import annotations

import asyncio
import statistics
import time
from base64 import b64encode
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from benchmarks.calls import API
from benchmarks.errors import BenchmarkError
from benchmarks.http1 import Connection, request
from benchmarks.rounds import order
from benchmarks.seeding import STARTED
from benchmarks.sides import SIDES, Upstream
from flowship.database.drivers import PSYCOPG2
from flowship.database.migrating import search_indexes
from tests.databases import tracking_at
from tests.integration.database.places import url_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.databases import Databases
    from benchmarks.session import Session
    from benchmarks.sides import MlflowServer

LARGE, OTHERS = 1_000_001, 1_000_002
"""The ids of the experiment that is searched, and of that of twice as many other runs."""
PAGE = 100
OFFSET = 49 * PAGE
ABOUT_A_HUNDREDTH = "metrics.`metric-1` > 900 and params.`parameter-1` = '3'"
"""What a hundredth of the runs has: more than a page."""

SEARCHES: Mapping[str, Mapping[str, Any]] = {
    "first page": {},
    "page 50": {"page_token": b64encode(f'{{"offset": {OFFSET}}}'.encode()).decode()},
    "ordered by a metric": {"order_by": ["metrics.`metric-1` DESC"]},
    "filtered by metric and param": {"filter": ABOUT_A_HUNDREDTH},
}
MEASURES = {search: f"runs/search of many, {search}" for search in SEARCHES}
"""What the seconds of a page are kept as."""

FILLING = (
    "INSERT INTO experiments (experiment_id, name, lifecycle_stage, workspace)"
    " VALUES ({large}, 'large', 'active', 'default'), ({others}, 'others', 'active', 'default')",
    "INSERT INTO runs (run_uuid, name, user_id, status, experiment_id, lifecycle_stage, start_time, artifact_uri)"
    " SELECT md5(n::text), 'run ' || n, 'ada', 'FINISHED', CASE WHEN n <= {runs} THEN {large} ELSE {others} END,"
    " 'active', {started} + n, 'mlflow-artifacts:/1/' || md5(n::text) FROM generate_series(1, 3 * {runs}) AS n",
    "INSERT INTO latest_metrics (run_uuid, key, value, timestamp, step, is_nan)"
    " SELECT md5(n::text), 'metric-' || k, (n::bigint * 7919 / 10 + k) % 1000, {started} + n, 0, false"
    " FROM generate_series(1, 3 * {runs}) AS n, generate_series(1, 5) AS k",
    "INSERT INTO params (run_uuid, key, value) SELECT md5(n::text), 'parameter-' || k, (n % 10)::text"
    " FROM generate_series(1, 3 * {runs}) AS n, generate_series(1, 5) AS k",
    "INSERT INTO tags (run_uuid, key, value)"
    " SELECT md5(n::text), 'mlflow.runName', 'run ' || n FROM generate_series(1, 3 * {runs}) AS n",
)
"""What fills MLflow's tables; `runs` are those of the large experiment."""


def measure(session: Session) -> None:
    """All rounds on one database, which is too large to be copied for each."""
    session.report(f"an experiment of {session.plan.searched_runs} runs")
    with session.setup() as setup:
        numbers = {"large": LARGE, "others": OTHERS, "started": STARTED, "runs": session.plan.searched_runs}
        for statement in FILLING:
            session.postgres.execute(statement.format(**numbers), setup.databases.tracking.name)
        for number in range(session.plan.rounds):
            for side in order(number, SIDES):
                session.report(f"round {number + 1} of {session.plan.rounds}: {side.label}")
                _keep_indexes(session, setup.databases, wanted=side is not Upstream)
                with session.running(side, setup) as server:
                    session.postgres.execute("VACUUM ANALYZE", setup.databases.tracking.name)
                    asyncio.run(_sample(session, server))


def _keep_indexes(session: Session, databases: Databases, *, wanted: bool) -> None:
    """Make what only `flowship migrate` makes, or drop it."""
    database = tracking_at(url_of(databases.tracking, PSYCOPG2))
    search_indexes.keep(database, session.report, wanted=wanted)
    with database.engine().connect() as connection:
        if any(index.is_whole(connection) != wanted for index in search_indexes.INDEXES):
            raise BenchmarkError("the indexes of searches are not as they should be")


async def _sample(session: Session, server: MlflowServer) -> None:
    client = await Connection.open(server.port)
    try:
        for search, measured in MEASURES.items():
            body = {"experiment_ids": [str(LARGE)], "max_results": PAGE, **SEARCHES[search]}
            sent = request("POST", f"{API}/runs/search", body)
            taken = [await _seconds(client, sent) for _ in range(session.plan.searches + 1)]
            session.results.add(measured, server.label, statistics.median(taken[1:]))
    finally:
        client.close()


async def _seconds(client: Connection, sent: bytes) -> float:
    began = time.monotonic()
    answer = await client.exchange(sent)
    if answer.status != HTTPStatus.OK:
        raise BenchmarkError(f"a search of many runs was answered {answer.status}: {answer.body[:300]!r}")
    return time.monotonic() - began
