"""`/health` and `/ready` tell the truth on both ports, whoever asks, and whatever the workers are doing."""

from __future__ import annotations

import json
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from flowship.status.report import PATH
from tests.integration.flowship import Running, run, running
from tests.integration.server.asking import SEARCH, ask, basic, connect, eventually
from tests.integration.server.load import BUSY, Load
from tests.integration.servers.database import Database
from tests.integration.servers.postgres import PostgresServer
from tests.integration.servers.process import free_port
from tests.integration.tables import database_with_tables
from tests.integration.users import ADMIN, auth, make_users

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


PROBE_TIMEOUT = 5.0
"""Seconds that Kubernetes waits for an answer, by the default values."""
FOREIGN = {"Host": "mlflow.elsewhere.example"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with basic authentication below a static prefix."""
    values = {"auth": auth(), "extraArgs": {"staticPrefix": "/tracking"}}
    with running(values, data=tmp_path_factory.mktemp("guarded") / "data", inner_port=free_port()) as server:
        yield server


@pytest.mark.parametrize("path", ["/health", "/ready", "/tracking/health", "/tracking/ready"])
@pytest.mark.parametrize("headers", [{}, FOREIGN, basic("admin", "wrong")], ids=["nobody", "foreign-host", "wrong"])
def test_the_main_port_answers_probes_of_anybody(guarded: Running, path: str, headers: dict[str, str]) -> None:
    answer = ask(guarded.address, path, headers=headers)

    assert (answer.status, answer.text) == (200, "OK")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("path", "text"), [("/health", "OK"), ("/ready", '{"ready": true')])
def test_the_inner_port_answers_probes_of_anybody(guarded: Running, path: str, text: str) -> None:
    answer = ask(guarded.inner, path, headers=FOREIGN)

    assert answer.status == 200
    assert answer.text.startswith(text)


def test_everything_else_on_the_main_port_still_asks_who_it_is(guarded: Running) -> None:
    assert ask(guarded.address, f"/tracking{SEARCH}").status == 401
    assert ask(guarded.address, f"/tracking{SEARCH}", headers=basic(*ADMIN)).status == 200
    assert ask(guarded.address, f"/tracking{SEARCH}", headers=FOREIGN).status == 403


def test_the_inner_port_serves_nothing_of_mlflow(guarded: Running) -> None:
    answers = [ask(guarded.inner, path).status for path in (SEARCH, f"/tracking{SEARCH}", "/", "/tracking/")]

    assert answers == [404] * 4
    assert ask(guarded.inner, "/health", method="POST", body={}).status == 405


def test_only_admins_are_told_how_the_server_is(guarded: Running) -> None:
    path = f"/tracking{PATH}"
    eve = ("eve", "a long enough one")
    make_users(guarded, eve)
    answers = [ask(guarded.address, path, headers=headers) for headers in ({}, basic(*eve))]

    assert [answer.status for answer in answers] == [401, 403]
    assert "is for admins" in answers[1].text


def test_the_command_line_tells_how_a_server_is_whoever_looks(guarded: Running) -> None:
    login = {"MLFLOW_TRACKING_USERNAME": ADMIN[0], "MLFLOW_TRACKING_PASSWORD": ADMIN[1]}
    asked = run("status", "--server", guarded.address, "--output", "json", environ=login)
    on_screen = run("status", "--server", guarded.address, environ=login)
    wrong = run("status", "--server", guarded.address, environ={**login, "MLFLOW_TRACKING_PASSWORD": "x"})
    inside = json.loads(ask(guarded.inner, "/status").text)
    found = json.loads(asked.stdout)

    assert (asked.returncode, on_screen.returncode, wrong.returncode) == (0, 0, 1)
    assert (found["healthy"], found["signing_in"], found["server"]["serving"]) == (True, "basic", 1)
    assert [database["part"] for database in found["databases"]] == ["tracking", "auth"]
    assert all(each["revision"] == each["wanted_revision"] and each["size"] > 0 for each in found["databases"])
    assert found["artifacts"]["free"] > 0
    assert found.keys() == inside.keys()
    assert "1 of 1 workers serve" in on_screen.stdout
    assert "nothing is wrong" in on_screen.stdout
    assert "tells its status to admins only" in wrong.stderr


OnPostgres = tuple[PostgresServer, Database, Running]


@pytest.fixture(scope="module")
def on_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnPostgres]:
    """A server with a database that tests break, and mend again."""
    with PostgresServer() as postgres:
        database = database_with_tables(postgres)
        values = {"backendStore": {"postgres": database.section()}}
        with running(values, data=tmp_path_factory.mktemp("pg") / "data", inner_port=free_port()) as server:
            yield postgres, database, server


@pytest.mark.parametrize(
    ("break_it", "mend_it", "words"),
    [
        (PostgresServer.freeze, PostgresServer.thaw, "does not answer in time"),
        (PostgresServer.kill, PostgresServer.start, "nothing listens on"),
    ],
    ids=["frozen", "killed"],
)
def test_a_database_that_is_away_makes_it_not_ready_and_not_dead(
    break_it: Callable[[PostgresServer], None],
    mend_it: Callable[[PostgresServer], None],
    words: str,
    on_postgres: OnPostgres,
) -> None:
    postgres, database, server = on_postgres
    ports = (server.address, server.inner)
    assert [ask(port, "/ready").status for port in ports] == [200, 200]
    break_it(postgres)
    for port in ports:
        eventually(lambda port=port: ask(port, "/ready").status == 503)  # type: ignore[misc]
    healthy = [ask(port, "/health").status for port in ports]
    outside, inside = (ask(port, "/ready").text for port in ports)
    status = json.loads(ask(server.address, PATH).text)
    mend_it(postgres)
    for port in ports:
        eventually(lambda port=port: ask(port, "/ready").status == 200)  # type: ignore[misc]

    assert healthy == [200, 200]
    assert outside == "not ready"
    checks = json.loads(inside)["checks"]
    assert words in checks["database"]
    assert "backendStore.postgres" in checks["database"]
    assert database.password not in inside
    assert not status["healthy"]
    assert words in status["wrong"][0]
    assert database.password not in str(status)
    assert ask(server.address, SEARCH).status == 200


def test_the_inner_port_answers_while_all_workers_are_saturated(tmp_path: Path) -> None:
    values: dict[str, Any] = {"extraArgs": {"workers": 2}}
    with (
        running(values, data=tmp_path / "data", inner_port=free_port()) as server,
        Load(server.address, clients=[BUSY] * 16) as load,
        closing(connect(server.inner)) as connection,
    ):
        eventually(lambda: load.count > 50)
        seconds = []
        for number in range(400):
            began = time.perf_counter()
            assert ask(connection, ("/health", "/ready")[number % 2]).status == 200
            seconds.append(time.perf_counter() - began)

    p99 = sorted(seconds)[int(len(seconds) * 0.99)]
    print(f"\np99 of the inner port under load: {p99 * 1000:.1f} ms")  # noqa: T201 - pytest shows it with -s
    assert load.lost == []
    assert p99 < PROBE_TIMEOUT
