"""PgBouncer in transaction mode: each transaction may meet another server process."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from flowship.database.engine import open_engine
from flowship.database.lock import locked
from flowship.database.migrating.search_indexes import INDEXES
from flowship.errors import DatabaseError
from tests.databases import tracking_at
from tests.integration.database.places import url_of
from tests.integration.flowship import running
from tests.integration.server.asking import ask
from tests.integration.server.writers import API, log_batches, post
from tests.integration.servers.pgbouncer import PgBouncer
from tests.integration.servers.process import free_port
from tests.integration.tracking.test_hot_api import answered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.server.asking import Answer
    from tests.integration.servers.postgres import PostgresServer


@pytest.fixture
def pgbouncer(postgres: PostgresServer) -> Iterator[PgBouncer]:
    with PgBouncer(postgres.fresh_database(), size=10) as server:
        yield server


@pytest.mark.parametrize("driver", ["psycopg2", "psycopg"])
def test_more_clients_than_connections_write_and_read(pgbouncer: PgBouncer, tmp_path: Path, driver: str) -> None:
    values = {"backendStore": {"postgres": pgbouncer.database.section(driver=driver)}, "extraArgs": {"workers": 2}}
    with running(values, data=tmp_path / "data", inner_port=free_port()) as server:
        answers = log_batches(server.address, clients=40, batches=4)
        found = read_runs(server.address, clients=40)

        assert Counter(answer.status for answer in answers) == {200: 160}
        assert Counter(answer.status for answer in found) == {200: 120}
        assert answered(server, hot=True) >= {"runs/log-batch", "runs/search", "runs/get", "metrics/get-history"}
        assert "DuplicatePreparedStatement" not in server.log()

    with open_engine(url_of(pgbouncer.database, f"postgresql+{driver}")).connect() as connection:
        assert all(index.is_whole(connection) for index in INDEXES)


def read_runs(address: str, clients: int) -> list[Answer]:
    """Read by so many clients at once what was logged; gives all answers."""

    def client(number: int) -> list[Answer]:
        page = {"experiment_ids": ["0"], "order_by": ["metrics.m1 DESC"], "filter": "metrics.m0 >= 0"}
        found = post(address, "runs/search", page)
        runs = json.loads(found.text)["runs"]
        run = runs[number % len(runs)]["info"]["run_id"]
        asked = (f"{API}/runs/get?run_id={run}", f"{API}/metrics/get-history?run_id={run}&metric_key=m1")
        return [found, *(ask(address, path) for path in asked)]

    with ThreadPoolExecutor(clients) as pool:
        return [answer for answers in pool.map(client, range(clients)) for answer in answers]


@pytest.mark.parametrize("driver", ["psycopg2", "psycopg"])
def test_one_migrates_at_a_time(pgbouncer: PgBouncer, driver: str) -> None:
    database = tracking_at(url_of(pgbouncer.database, f"postgresql+{driver}"))

    def attempt() -> None:
        with locked(database, report=lambda _: None, timeout=0):
            pass

    with ThreadPoolExecutor(1) as pool:
        with locked(database, report=lambda _: None), pytest.raises(DatabaseError, match="migration lock"):
            pool.submit(attempt).result()
        pool.submit(attempt).result()
