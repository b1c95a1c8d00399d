"""Grants that are remembered: what was changed counts at once in every worker, and nobody is refused from memory."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.server.asking import Answer, ask, basic, workers
from tests.integration.users import ADMIN, User, attacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.flowship import Running

ADA = ("ada", "ada's first password")
API = "/api/2.0/mlflow"
ROUNDS = 12
"""Requests on connections of their own, which workers take in turns."""

OUT = {401, 429}
"""Whoever is wrong often is slowed down."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Two workers, and an hour of memory: nothing here is right because the time was over."""
    data, two = tmp_path_factory.mktemp("grants") / "data", {"extraArgs": {"workers": 2}}
    with attacked(data, ADA, values=two, defaultPermission="NO_PERMISSIONS", cacheTtlSeconds=3600) as server:
        workers(server, 2)
        yield server


def say(server: Running, user: User, method: str, path: str, **body: Any) -> Answer:
    content = body if method != "GET" else None
    return ask(server.address, path, method=method, body=content, headers=basic(*user))


def done(server: Running, user: User, method: str, path: str, **body: Any) -> Any:
    answer = say(server, user, method, path, **body)
    assert answer.status == 200, answer.text
    return json.loads(answer.text)


def make_user(server: Running, user: User) -> int:
    made = done(server, ADMIN, "POST", f"{API}/users/create", username=user[0], password=user[1])
    return int(made["user"]["id"])


def new_experiment(server: Running, user: User = ADMIN) -> str:
    made = done(server, user, "POST", f"{API}/experiments/create", name=f"e{time.monotonic_ns()}")
    return str(made["experiment_id"])


def grant(server: Running, user: str, experiment: str, do: str = "grant", **permission: str) -> None:
    which = {"username": user, "resource_type": "experiment", "resource_id": experiment, **permission}
    done(server, ADMIN, "POST", f"/api/3.0/mlflow/users/permissions/{do}", **which)


def everywhere(server: Running, user: User, path: str = f"{API}/experiments/search?max_results=1") -> set[int]:
    """What all workers say."""
    return {say(server, user, "GET", path).status for _ in range(ROUNDS)}


def reads(experiment: str) -> str:
    return f"{API}/experiments/get?experiment_id={experiment}"


def told_by_graphql(server: Running, experiment: str) -> Any:
    """What ada is told about an experiment."""
    query = (
        "query Q($input: MlflowGetExperimentInput!)"
        " { mlflowGetExperiment(input: $input) { experiment { experimentId } } }"
    )
    asked = {"operationName": "Q", "query": query, "variables": {"input": {"experimentId": experiment}}}
    return done(server, ADA, "POST", "/graphql", **asked)["data"]["mlflowGetExperiment"]


def test_who_makes_an_experiment_may_use_it_at_once(server: Running) -> None:
    everywhere(server, ADA)

    for _ in range(ROUNDS):
        done(server, ADA, "POST", f"{API}/runs/create", experiment_id=new_experiment(server, ADA))


def test_who_makes_a_model_may_use_it_at_once(server: Running) -> None:
    for number in range(ROUNDS // 2):
        name = f"model{number}"
        done(server, ADA, "POST", f"{API}/registered-models/create", name=name)
        done(server, ADA, "GET", f"{API}/registered-models/get?name={name}")


def test_a_grant_counts_and_ends_at_once_in_all_workers(server: Running) -> None:
    experiment = new_experiment(server)
    found = [everywhere(server, ADA, reads(experiment))]
    grant(server, "ada", experiment, permission="READ")
    found.append(everywhere(server, ADA, reads(experiment)))
    grant(server, "ada", experiment, "revoke")
    found.append(everywhere(server, ADA, reads(experiment)))

    assert found == [{403}, {200}, {403}]


def test_a_role_counts_and_ends_at_once_in_all_workers(server: Running) -> None:
    experiment = new_experiment(server)
    role = done(server, ADMIN, "POST", "/api/3.0/mlflow/roles/create", name="readers", workspace="default")["role"][
        "id"
    ]
    permission = {"resource_type": "experiment", "resource_pattern": experiment, "permission": "READ"}
    done(server, ADMIN, "POST", "/api/3.0/mlflow/roles/permissions/add", role_id=role, **permission)
    found = [everywhere(server, ADA, reads(experiment))]
    done(server, ADMIN, "POST", "/api/3.0/mlflow/roles/assign", role_id=role, username="ada")
    found.append(everywhere(server, ADA, reads(experiment)))
    done(server, ADMIN, "DELETE", "/api/3.0/mlflow/roles/unassign", role_id=role, username="ada")
    found.append(everywhere(server, ADA, reads(experiment)))

    assert found == [{403}, {200}, {403}]


def test_a_changed_password_and_a_deleted_user_count_at_once_in_all_workers(server: Running) -> None:
    old, new = ("bob", "bob's first password"), ("bob", "bob's second password")
    make_user(server, old)
    found = [everywhere(server, old)]
    done(server, ADMIN, "PATCH", f"{API}/users/update-password", username="bob", password=new[1])
    found.append(everywhere(server, new))
    assert everywhere(server, old) <= OUT
    done(server, ADMIN, "DELETE", f"{API}/users/delete", username="bob")
    assert everywhere(server, new) <= OUT

    assert found == [{200}, {200}]


def test_an_admin_is_one_at_once_in_all_workers_and_no_longer(server: Running) -> None:
    experiment = new_experiment(server)
    found = [everywhere(server, ADA, reads(experiment))]
    for is_admin in (True, False):
        done(server, ADMIN, "PATCH", f"{API}/users/update-admin", username="ada", is_admin=is_admin)
        found.append(everywhere(server, ADA, reads(experiment)))

    assert found == [{403}, {200}, {403}]


def test_an_id_that_sqlite_gives_again_brings_no_grants_with_it(server: Running) -> None:
    eve, fay = ("eve", "eve's own password"), ("fay", "fay's own password")
    experiment = new_experiment(server)
    first = make_user(server, eve)
    grant(server, "eve", experiment, permission="READ")
    found = [everywhere(server, eve, reads(experiment))]
    done(server, ADMIN, "DELETE", f"{API}/users/delete", username="eve")
    again = make_user(server, fay)
    found.append(everywhere(server, fay, reads(experiment)))

    assert again == first
    assert found == [{200}, {403}]


class TestWhatAnotherServerChanged:
    """It shares the database, but no memory."""

    @pytest.fixture
    def experiments(self, server: Running) -> tuple[str, str]:
        """One that ada may read, and one that she may not, as all workers remember."""
        mine, other = new_experiment(server), new_experiment(server)
        grant(server, "ada", mine, permission="READ")
        assert everywhere(server, ADA, reads(mine)) == {200}
        assert everywhere(server, ADA, reads(other)) == {403}
        return mine, other

    def change(self, server: Running, statement: str, *values: str) -> None:
        (file,) = server.data.rglob("basic_auth.db")
        with closing(sqlite3.connect(file)) as connection, connection:
            assert connection.execute(statement, values).rowcount == 1

    def move_grant(self, server: Running, experiments: tuple[str, str]) -> None:
        self.change(
            server,
            "UPDATE role_permissions SET resource_pattern = ?"
            " WHERE resource_type = 'experiment' AND resource_pattern = ? AND permission = 'READ'",
            experiments[1],
            experiments[0],
        )

    def test_what_it_granted_is_not_refused(self, server: Running, experiments: tuple[str, str]) -> None:
        self.move_grant(server, experiments)

        assert everywhere(server, ADA, reads(experiments[1])) == {200}

    def test_what_it_granted_is_in_lists(self, server: Running, experiments: tuple[str, str]) -> None:
        self.move_grant(server, experiments)

        for _ in range(ROUNDS):
            found = done(server, ADA, "POST", f"{API}/experiments/search", max_results=1000)["experiments"]
            assert experiments[1] in {each["experiment_id"] for each in found}

    def test_what_it_granted_is_told_by_graphql(self, server: Running, experiments: tuple[str, str]) -> None:
        before = told_by_graphql(server, experiments[1])
        self.move_grant(server, experiments)
        after = told_by_graphql(server, experiments[1])

        assert (before, after) == (None, {"experiment": {"experimentId": experiments[1]}})

    def test_whom_it_made_an_admin_is_one(self, server: Running, experiments: tuple[str, str]) -> None:
        self.change(server, "UPDATE users SET is_admin = 1 WHERE username = ?", "ada")
        try:
            assert everywhere(server, ADA, reads(experiments[1])) == {200}
        finally:
            done(server, ADMIN, "PATCH", f"{API}/users/update-admin", username="ada", is_admin=False)
