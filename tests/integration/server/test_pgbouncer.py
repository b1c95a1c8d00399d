"""PgBouncer in transaction mode: each transaction may meet another server process."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from flowship.database.lock import locked
from flowship.errors import DatabaseError
from tests.databases import tracking_at
from tests.integration.database.places import url_of
from tests.integration.flowship import running
from tests.integration.server.writers import log_batches
from tests.integration.servers.pgbouncer import PgBouncer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.servers.postgres import PostgresServer


@pytest.fixture(scope="module")
def pgbouncer(postgres: PostgresServer) -> Iterator[PgBouncer]:
    with PgBouncer(postgres.fresh_database(), size=6) as server:
        yield server


def test_psycopg_migrates_and_serves_more_clients_than_connections(pgbouncer: PgBouncer, tmp_path: Path) -> None:
    values = {
        "backendStore": {"postgres": pgbouncer.database.section(driver="psycopg")},
        "extraEnvVars": {
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_SQLALCHEMYSTORE_POOL_SIZE": "4",
            "MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW": "2",
        },
    }
    with running(values, data=tmp_path / "data") as server:
        answers = log_batches(server.address, clients=12, batches=8)
        assert Counter(answer.status for answer in answers) == {200: 96}
        assert "DuplicatePreparedStatement" not in server.log()


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
