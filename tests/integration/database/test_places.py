"""A socket's directory, and several servers of which not all can be used, as PostgreSQL's library takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from psycopg import sql

from flowship.backup.programs import dump_here, dumping
from flowship.checks.database import outcome
from flowship.database.from_values import tracking_database
from flowship.database.lock import locked
from flowship.database.wait import attempt, wait
from flowship.values.model.root import Values
from tests.integration.flowship import running
from tests.integration.server.writers import log_batches, post
from tests.integration.servers.process import LOOPBACK, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flowship.database.database import Database as TrackingDatabase
    from tests.integration.flowship import Running
    from tests.integration.servers.database import Database
    from tests.integration.servers.postgres import PostgresServer


def database_of(section: dict[str, Any], data: Path) -> TrackingDatabase:
    return tracking_database(Values.model_validate({"backendStore": {"postgres": section}}), data)


@pytest.mark.parametrize("driver", ["psycopg2", "psycopg"])
@pytest.mark.parametrize("where", ["socket", "second of two"])
def test_every_step_of_ours_reaches_it(
    driver: str, where: str, postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody listens at the first address; 127.0.0.2 is loopback too.
    host = str(postgres.directory) if where == "socket" else f"127.0.0.2,{LOOPBACK}"
    found = database_of(postgres.fresh_database().section(driver=driver, host=host), tmp_path)
    monkeypatch.setenv("PGTARGETSESSIONATTRS", "read-write")

    wait(found, report=lambda _: None, timeout=20)
    with locked(found, report=lambda _: None):
        works, said = outcome(found)
    assert works, said
    assert found.shown in said
    program = dumping(found, {"PGTARGETSESSIONATTRS": "read-write"})
    dump_here(program, tmp_path / "dump.sql")
    assert "PostgreSQL database dump complete" in (tmp_path / "dump.sql").read_text()


@pytest.fixture(scope="module")
def by_socket(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Running]]:
    database = postgres.fresh_database()
    values = {"backendStore": {"postgres": database.section(host=str(postgres.directory), driver="psycopg")}}
    with running(values, data=tmp_path_factory.mktemp("socket") / "data") as server:
        yield database, server


def test_a_server_is_served_by_a_socket(by_socket: tuple[Database, Running]) -> None:
    _, server = by_socket
    assert {answer.status for answer in log_batches(server.address, clients=2, batches=2)} == {200}


def test_a_database_that_is_full_is_503_and_says_when_to_come_again(
    by_socket: tuple[Database, Running], postgres: PostgresServer
) -> None:
    database, server = by_socket
    role = sql.Identifier(database.user)
    postgres.execute(sql.SQL("ALTER ROLE {} CONNECTION LIMIT 0").format(role))
    postgres.drop_connections(database.name)
    try:
        answer = post(server.address, "experiments/create", {"name": "late"})
    finally:
        postgres.execute(sql.SQL("ALTER ROLE {} CONNECTION LIMIT -1").format(role))

    assert (answer.status, answer.headers["retry-after"]) == (503, "2")
    assert "The database has no connection left for this request. Try again later." in answer.text
    assert post(server.address, "experiments/create", {"name": "late"}).status == 200


def test_a_server_that_is_not_what_is_asked_for_is_waited_for(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = postgres.fresh_database()
    monkeypatch.setenv("PGTARGETSESSIONATTRS", "standby")
    for driver in ("psycopg2", "psycopg"):
        found = database_of(database.section(driver=driver), tmp_path)
        cause = attempt(found)
        assert cause is not None
        assert not cause.final
        assert cause.sentence == f"no server at {LOOPBACK}:{found.url.port} is what PGTARGETSESSIONATTRS asks for"


@pytest.mark.parametrize("driver", ["psycopg2", "psycopg"])
def test_a_socket_that_is_not_there_is_told(driver: str, postgres: PostgresServer, tmp_path: Path) -> None:
    section = postgres.fresh_database().section(driver=driver, host=str(tmp_path), port=free_port())
    found = database_of(section, tmp_path)
    cause = attempt(found)
    assert cause is not None
    assert cause.sentence.startswith(
        f"nothing listens on {tmp_path}/.s.PGSQL.{found.url.port}; check backendStore.postgres"
    )
