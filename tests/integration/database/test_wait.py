"""What `wait` says and does with real servers in each state that they can be in."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from flowship.database.drivers import MYSQL
from flowship.database.wait import wait
from flowship.errors import DatabaseError
from tests.calm import calm
from tests.databases import tracking_at
from tests.integration.database.places import url_of
from tests.integration.servers.mariadb import MariadbServer
from tests.integration.servers.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import trustme
    from sqlalchemy import URL

Server = PostgresServer | MariadbServer
DIALECTS = ["postgresql+psycopg2", "postgresql+psycopg", MYSQL]


@pytest.fixture(scope="module")
def own_postgres(certificate_authority: trustme.CA) -> Iterator[PostgresServer]:
    """A server that these tests may stop and freeze; it talks TLS only."""
    with PostgresServer(certificate_authority.issue_cert("127.0.0.1"), tls_only=True) as server:
        yield server


@pytest.fixture(scope="module")
def own_mariadb(certificate_authority: trustme.CA) -> Iterator[MariadbServer]:
    with MariadbServer(certificate_authority.issue_cert("127.0.0.1"), tls_only=True) as server:
        yield server


@pytest.fixture
def authority(certificate_authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    certificate_authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture
def other_authority(tmp_path: Path) -> str:
    import trustme

    path = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(request: pytest.FixtureRequest, dialect: str) -> Server:
    """The shared server for this dialect; it offers no TLS."""
    return request.getfixturevalue("mariadb" if dialect == MYSQL else "postgres")  # type: ignore[no-any-return]


@pytest.fixture
def own_server(request: pytest.FixtureRequest, dialect: str, authority: str, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server for this dialect that may be stopped and frozen, with TLS set up as it wants it."""
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    monkeypatch.setenv("PGSSLROOTCERT", authority)
    monkeypatch.setenv("MLFLOW_MYSQL_SSL_CA", authority)
    return request.getfixturevalue("own_mariadb" if dialect == MYSQL else "own_postgres")  # type: ignore[no-any-return]


class Refusal(NamedTuple):
    """How `wait` ended."""

    sentence: str
    seconds: float
    calm_seconds: float
    said: list[str]
    """On the way."""


def refusal(url: URL, *, timeout: float = 60) -> Refusal:
    """What `wait` says in the end, after how many seconds, and what it said on the way."""
    said: list[str] = []
    started, calmly = time.monotonic(), calm()
    with pytest.raises(DatabaseError) as caught:
        wait(tracking_at(url, "backendStore.x"), timeout=timeout, report=said.append)
    sentence = str(caught.value)
    assert url.password is not None
    assert url.password not in sentence + "".join(said)
    return Refusal(sentence, time.monotonic() - started, calm() - calmly, said)


def test_it_succeeds_at_once_when_the_database_answers(server: Server, dialect: str) -> None:
    wait(tracking_at(url_of(server.fresh_database(), dialect)), report=pytest.fail)


def test_a_server_that_comes_up_later_is_waited_for(own_server: Server, dialect: str) -> None:
    url = url_of(own_server.fresh_database(), dialect)
    own_server.stop()
    said: list[str] = []
    comes_up = threading.Timer(1, own_server.start)
    comes_up.start()
    wait(tracking_at(url), timeout=60, report=said.append)
    comes_up.join()

    assert any("nothing listens on 127.0.0.1" in sentence for sentence in said)
    assert "answers after" in said[-1]


def test_a_server_that_stays_away_is_given_up(own_server: Server, dialect: str) -> None:
    url = url_of(own_server.fresh_database(), dialect)
    own_server.kill()
    try:
        sentence, seconds, calm_seconds, said = refusal(url, timeout=1.5)
    finally:
        own_server.start()

    assert re.search(r"did not answer within \d s: nothing listens on .*check backendStore\.x\.host", sentence)
    assert seconds > 1.4
    assert calm_seconds < 3
    assert len(said) >= 3


def test_a_frozen_server_does_not_hold_it(own_server: Server, dialect: str) -> None:
    url = url_of(own_server.fresh_database(), dialect)
    own_server.freeze()
    try:
        sentence, seconds, calm_seconds, _ = refusal(url, timeout=3)
    finally:
        own_server.thaw()

    assert "does not answer in time" in sentence
    assert seconds > 2
    assert calm_seconds < 5
    wait(tracking_at(url), timeout=30, report=lambda _: None)


def test_a_wrong_password_is_said_at_once(server: Server, dialect: str) -> None:
    database = server.fresh_database()
    sentence, _, seconds, said = refusal(url_of(database, dialect).set(password="wr0ng-p4ssw0rd"))

    assert f'refuses the user "{database.user}" or the password; check backendStore.x.user' in sentence
    assert (said, seconds < 3) == ([], True)


def test_an_unknown_user_is_said_at_once(server: Server, dialect: str) -> None:
    sentence, _, _, said = refusal(url_of(server.fresh_database(), dialect).set(username="nobody-of-that-name"))

    assert 'refuses the user "nobody-of-that-name"' in sentence
    assert said == []


def test_a_missing_database_may_still_be_made(server: Server, dialect: str) -> None:
    database = server.fresh_database()
    missing = f"{database.name} too"
    quote = "`" if dialect == MYSQL else '"'
    if dialect == MYSQL:  # tells only those who may use all databases
        server.execute(f"GRANT SELECT ON *.* TO '{database.user}'@'%'")
    said: list[str] = []

    def make(sentence: str) -> None:
        if "has no database" in sentence and not said:
            server.execute(f"CREATE DATABASE {quote}{missing}{quote}")
            said.append(sentence)

    wait(tracking_at(url_of(database, dialect).set(database=missing), "backendStore.x"), timeout=60, report=make)

    assert f'has no database "{missing}"; create it, or correct backendStore.x.database' in said[0]


def test_a_database_of_others_is_said_at_once(server: Server, dialect: str) -> None:
    one, other = server.fresh_database(), server.fresh_database()
    sentence, _, _, said = refusal(url_of(one, dialect).set(database=other.name))

    assert f'does not let the user "{one.user}" use the database "{other.name}"' in sentence
    assert said == []


def test_tls_is_used_as_the_environment_says(own_server: Server, dialect: str) -> None:
    wait(tracking_at(url_of(own_server.fresh_database(), dialect)), report=pytest.fail)


def test_a_certificate_of_another_authority_is_said_at_once(
    own_server: Server, dialect: str, other_authority: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = url_of(own_server.fresh_database(), dialect)
    monkeypatch.setenv("PGSSLROOTCERT", other_authority)
    monkeypatch.setenv("MLFLOW_MYSQL_SSL_CA", other_authority)
    sentence, _, _, said = refusal(url)

    assert re.search(r"TLS with 127\.0\.0\.1:\d+ fails; .*certificate verify failed", sentence)
    assert said == []


def test_a_certificate_file_that_is_missing_is_said_at_once(
    own_server: Server, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = url_of(own_server.fresh_database(), dialect)
    monkeypatch.setenv("PGSSLROOTCERT", "/nowhere/ca.pem")
    monkeypatch.setenv("MLFLOW_MYSQL_SSL_CA", "/nowhere/ca.pem")
    sentence, _, _, said = refusal(url)

    assert "TLS with" in sentence
    assert "SSLROOTCERT" in sentence or "MLFLOW_MYSQL_SSL_CA" in sentence
    assert said == []


@pytest.mark.parametrize("dialect", DIALECTS[:2], indirect=True)
def test_postgres_that_wants_tls_says_so_at_once(
    own_server: Server, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = url_of(own_server.fresh_database(), dialect)
    monkeypatch.setenv("PGSSLMODE", "disable")
    sentence, _, _, said = refusal(url)

    assert "TLS with" in sentence
    assert "PGSSLMODE" in sentence
    assert said == []


@pytest.mark.parametrize("dialect", [MYSQL], indirect=True)
def test_mysql_that_wants_tls_gets_it_without_being_asked(
    own_server: Server, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_MYSQL_SSL_CA")

    wait(tracking_at(url_of(own_server.fresh_database(), dialect)), report=pytest.fail)
