"""A database that takes no further connection: clients are told to come again, and lose nothing once it has room."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from tests.integration.flowship import Running, running
from tests.integration.server.asking import eventually
from tests.integration.server.writers import log_batches, post
from tests.integration.servers.postgres import PostgresServer
from tests.integration.tables import database_with_tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.server.asking import Answer
    from tests.integration.servers.database import Database

CONNECTIONS = 40
"""More than one worker uses, since one that can be reached is to be filled by others."""
FULL = "The database has no connection left for this request. Try again later."


@contextmanager
def full(postgres: PostgresServer, database: Database) -> Iterator[None]:
    """Others have every connection, those of the server included, which were cut off."""
    of_server = sql.SQL("FROM pg_stat_activity WHERE datname = {} AND application_name = ''").format(
        sql.Literal(database.name)
    )
    with ExitStack() as held:

        def none_left() -> bool:
            postgres.execute(sql.SQL("SELECT pg_terminate_backend(pid) {}").format(of_server))
            try:
                while True:
                    held.enter_context(_connected(database))
            except psycopg.OperationalError:
                return not postgres.execute(sql.SQL("SELECT 1 {}").format(of_server))

        eventually(none_left)
        yield


def _connected(database: Database) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=database.host,
        port=database.port,
        user=database.user,
        password=database.password,
        dbname=database.name,
        application_name="others",
        autocommit=True,
    )


def requests(server: Running, run: str) -> dict[str, Answer]:
    """One of each kind: written and read by the hot API, and by MLflow."""
    metric = {"run_id": run, "key": "m", "value": 1.0, "timestamp": 1, "step": 1}
    return {
        "log-metric": post(server.address, "runs/log-metric", metric),
        "log-batch": post(server.address, "runs/log-batch", {"run_id": run, "metrics": [metric]}),
        "create": post(server.address, "runs/create", {"experiment_id": "0"}),
        "search": post(server.address, "runs/search", {"experiment_ids": ["0"]}),
    }


@pytest.fixture(scope="module")
def small() -> Iterator[PostgresServer]:
    with PostgresServer(connections=CONNECTIONS) as server:
        yield server


@pytest.mark.parametrize("hot", [True, False])
def test_a_full_database_is_503_with_retry_after_and_then_served_again(
    small: PostgresServer, tmp_path: Path, hot: bool
) -> None:
    database = database_with_tables(small)
    values = {"backendStore": {"postgres": database.section()}, "server": {"hotApi": hot}}
    with running(values, data=tmp_path / "data") as server:
        made = post(server.address, "runs/create", {"experiment_id": "0"})
        run = json.loads(made.text)["run"]["info"]["run_id"]
        with full(small, database):
            requests(server, run)  # which find out that their connections were cut
            refused = requests(server, run)
        assert {name: answer.status for name, answer in refused.items()} == dict.fromkeys(refused, 503)
        assert all(int(answer.headers["retry-after"]) > 0 for answer in refused.values())
        assert all(json.loads(answer.text)["message"].endswith(FULL) for answer in refused.values())

        eventually(lambda: all(answer.status == 200 for answer in requests(server, run).values()))
        assert {answer.status for answer in log_batches(server.address, 30, 2)} == {200}
