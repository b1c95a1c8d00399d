from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import URL

from flowship.database import wait as module
from flowship.database.connection_errors import Cause, Obstacle
from flowship.database.drivers import MYSQL
from flowship.database.url import sqlite_url
from flowship.database.wait import attempt, wait
from flowship.errors import DatabaseError
from tests.calm import calm
from tests.databases import tracking_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flowship.database.database import Database

DIALECTS = ["postgresql+psycopg2", "postgresql+psycopg", MYSQL]


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port where connections are taken and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def server_at(dialect: str, port: int, host: str = "127.0.0.1") -> Database:
    return tracking_at(URL.create(dialect, "jo", "s3cret", host, port, "runs"), "backendStore.x")


class Attempts:
    """Stands for `attempt`: fails with each cause in turn, then succeeds; time passes only when `wait` sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *kinds: Obstacle, then: Obstacle | None = None) -> None:
        self.causes = [Cause(kind, f"it is {kind}") for kind in kinds]
        self.then = then
        self.now = 1000.0
        self.pauses: list[float] = []
        monkeypatch.setattr(module, "attempt", self)
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(time, "sleep", self.sleep)

    def __call__(self, _database: Database, *, limit: float) -> Cause | None:
        assert module.SHORTEST_ATTEMPT <= limit <= module.ATTEMPT_LIMIT
        if self.causes:
            return self.causes.pop(0)
        return Cause(self.then, f"it is {self.then}") if self.then else None

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def test_a_file_has_nobody_to_wait_for(tmp_path: Path) -> None:
    wait(tracking_at(sqlite_url(tmp_path / "no" / "mlflow.db")), report=pytest.fail)


def test_pauses_double_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = Attempts(monkeypatch, *[Obstacle.REFUSED] * 8)
    said: list[str] = []

    wait(server_at(MYSQL, 1), report=said.append)

    assert attempts.pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    assert said[0] == "it is connection refused; trying again in 0.2 s"
    assert said[-1] == "mysql+pymysql://jo:***@127.0.0.1:1/runs answers after 21.2 s"


def test_it_stops_at_the_timeout_with_the_last_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = Attempts(monkeypatch, Obstacle.REFUSED, then=Obstacle.STARTING)

    with pytest.raises(DatabaseError, match=r"did not answer within 12 s: it is starting up\.$"):
        wait(server_at(MYSQL, 1), timeout=12, report=lambda _: None)

    assert sum(attempts.pauses) == pytest.approx(12)


@pytest.mark.parametrize("kind", [Obstacle.CREDENTIALS, Obstacle.TLS, Obstacle.RIGHTS])
def test_what_waiting_cannot_mend_is_said_at_once(monkeypatch: pytest.MonkeyPatch, kind: Obstacle) -> None:
    attempts = Attempts(monkeypatch, Obstacle.STARTING, then=kind)

    with pytest.raises(DatabaseError, match=f"^mysql.*: it is {kind}\\.$"):
        wait(server_at(MYSQL, 1), report=lambda _: None)

    assert attempts.pauses == [0.2]


def test_a_database_that_the_server_does_not_know_is_waited_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = Attempts(monkeypatch, then=Obstacle.NO_DATABASE)

    with pytest.raises(DatabaseError, match="it is no such database"):
        wait(server_at(MYSQL, 1), report=lambda _: None)

    assert 60 <= sum(attempts.pauses) <= 65


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_closed_port_is_refused(dialect: str, closed_port: int) -> None:
    cause = attempt(server_at(dialect, closed_port))

    assert cause is not None
    assert cause.obstacle is Obstacle.REFUSED
    assert f"127.0.0.1:{closed_port}" in cause.sentence


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_unknown_name_is_said_to_be_unknown(dialect: str) -> None:
    cause = attempt(server_at(dialect, 1, "no-such-host.invalid"))

    assert cause is not None
    assert cause.obstacle is Obstacle.NAME_NOT_FOUND
    assert cause.sentence == "the host name no-such-host.invalid is not known; check backendStore.x.host"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_server_that_says_nothing_does_not_hold_it(dialect: str, silent_port: int) -> None:
    started = calm()

    with pytest.raises(DatabaseError, match="does not answer in time"):
        wait(server_at(dialect, silent_port), timeout=0.5, report=lambda _: None)

    assert calm() - started < 2
