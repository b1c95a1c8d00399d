"""Users of basic authentication, kept in a real PostgreSQL: what changes takes effect when the values say so."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.effects import shows
from tests.integration.flowship import Running, running
from tests.integration.server.asking import ARTIFACTS, SEARCH, Answer, ask, basic
from tests.integration.server.load import BUSY, NEW, Load
from tests.integration.servers.process import free_port
from tests.integration.users import ADMIN, User, auth, make_users

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.servers.postgres import PostgresServer

API = "/api/2.0/mlflow"
ADA: User = ("ada", "ada's first password")


@contextmanager
def guarded(postgres: PostgresServer, data: Path, *, workers: int = 1, ttl: int = 60, **more: Any) -> Iterator[Running]:
    """A server with the user ada, who is no admin."""
    values = {
        "auth": auth(cacheTtlSeconds=ttl, postgres=postgres.fresh_database().section(), **more),
        "artifactRoot": {"proxiedArtifactStorage": True},
        "extraArgs": {"workers": workers},
    }
    with running(values, data=data, inner_port=free_port()) as server:
        make_users(server, ADA)
        yield server


@pytest.fixture(scope="module")
def usual(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that several tests share, each with things and users of its own."""
    with guarded(postgres, tmp_path_factory.mktemp("usual") / "data", defaultPermission="NO_PERMISSIONS") as server:
        yield server


def as_admin(server: Running, method: str, path: str, **body: Any) -> Any:
    answer = ask(server.address, f"{API}{path}", method=method, body=body, headers=basic(*ADMIN))
    assert answer.status == 200, answer.text
    return json.loads(answer.text)


def grant(server: Running, experiment: str, do: str, **permission: str) -> None:
    """Give ada a permission for an experiment, or take it back."""
    which = {"username": "ada", "resource_type": "experiment", "resource_id": experiment, **permission}
    path = f"/api/3.0/mlflow/users/permissions/{do}"
    answer = ask(server.address, path, method="POST", body=which, headers=basic(*ADMIN))
    assert answer.status == 200, answer.text


def status(server: Running, user: User, path: str = SEARCH) -> int:
    return ask(server.address, path, headers=basic(*user)).status


def authentications(server: Running) -> dict[str, int]:
    """How many led to what."""
    lines = ask(server.inner, "/metrics").text.splitlines()
    found = [line for line in lines if line.startswith("flowship_authentications_total{")]
    return {line.split('"')[1]: int(float(line.split()[-1])) for line in found if not line.endswith(" 0.0")}


def new_experiment(server: Running) -> str:
    return str(as_admin(server, "POST", "/experiments/create", name=f"e{time.monotonic_ns()}")["experiment_id"])


def test_first_requests_that_come_together_verify_once(usual: Running) -> None:
    before = authentications(usual)
    together = threading.Barrier(8)
    answers: list[Answer] = []

    def ask_together() -> None:
        together.wait()
        answers.append(ask(usual.address, SEARCH, headers=basic(*ADA)))

    threads = [threading.Thread(target=ask_together) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer.status for answer in answers] == [200] * 8
    assert authentications(usual)["verified"] - before["verified"] == 1


def test_a_changed_permission_and_admin_flag_count_at_once_in_the_worker_that_changed_them(usual: Running) -> None:
    experiment = new_experiment(usual)
    read = f"{API}/experiments/get?experiment_id={experiment}"
    found = [status(usual, ADA, read)]
    grant(usual, experiment, "grant", permission="READ")
    found.append(status(usual, ADA, read))
    grant(usual, experiment, "revoke")
    found.append(status(usual, ADA, read))
    as_admin(usual, "PATCH", "/users/update-admin", username="ada", is_admin=True)
    found.append(status(usual, ADA, read))
    as_admin(usual, "PATCH", "/users/update-admin", username="ada", is_admin=False)
    found.append(status(usual, ADA, read))

    assert found == [403, 200, 403, 200, 403]


def test_a_wrong_password_never_becomes_right_beside_many_right_ones(postgres: PostgresServer, tmp_path: Path) -> None:
    wrong_answers: list[int] = []
    with guarded(postgres, tmp_path / "data", ttl=1) as server:
        with Load(server.address, clients=[NEW, BUSY, BUSY, BUSY], headers=basic(*ADA)) as load:
            while load.count < 300 or len(wrong_answers) < 5:
                wrong_answers.append(status(server, ("ada", ADA[1] + "x")))

        assert load.lost == []
        assert set(wrong_answers) <= {401, 429}
        assert wrong_answers.count(401) > 1


@shows("auth.cacheTtlSeconds")
def test_a_time_of_zero_remembers_nothing(postgres: PostgresServer, tmp_path: Path) -> None:
    with guarded(postgres, tmp_path / "data", ttl=0) as server:
        before = authentications(server)
        assert [status(server, ADA) for _ in range(3)] == [200] * 3
        after = authentications(server)

        assert after.get("cached", 0) == 0
        assert after["verified"] - before["verified"] == 3


def test_a_password_with_colons_and_other_letters_uploads_through_the_native_route(usual: Running) -> None:
    user = ("zoë", "pässwörd:with:cölons 密码 🔑")
    make_users(usual, user)
    created = ask(usual.address, f"{API}/experiments/create", method="POST", body={"name": "é"}, headers=basic(*user))
    path = f"{ARTIFACTS}/{json.loads(created.text)['experiment_id']}/notes/artifacts/a.txt"
    answers = [
        ask(usual.address, path, method="PUT", body=b"x" * 100_000, headers=headers)
        for headers in (basic(*user), basic(user[0], user[1] + ":"), {})
    ]

    assert [answer.status for answer in answers] == [200, 401, 401]
    assert ask(usual.address, path, headers=basic(*user)).text == "x" * 100_000
