"""A user who is denied a model asks for it in another spelling, which MariaDB and MySQL take for the same name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.flowship import Running
from tests.integration.server.asking import ask, basic
from tests.integration.tables import database_with_tables
from tests.integration.users import ADMIN, attacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.servers.mariadb import MariadbServer

ANN, BOB = ("ann", "ann's password"), ("bob", "bob's password")
JUDGE = json.dumps(
    {
        "name": "Judge",
        "serialization_version": 1,
        "instructions_judge_pydantic_data": {"instructions": "Is {{ outputs }} good?", "model": "openai:/x"},
    }
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, mariadb: MariadbServer) -> Iterator[Running]:
    values = {"backendStore": {"databaseMigration": True, "mysql": database_with_tables(mariadb).section()}}
    data = tmp_path_factory.mktemp("names") / "data"
    with attacked(data, ANN, BOB, values=values, tables=False, defaultPermission="MANAGE") as started:
        _made(started, ANN, "2.0/mlflow/registered-models/create", {"name": "Secret"})
        _made(started, ANN, "3.0/mlflow/scorers/register", {**SCORER, "serialized_scorer": JUDGE})
        for kind, name in (("registered_model", "Secret"), ("scorer", "0/Judge")):
            denied = {"username": "bob", "resource_type": kind, "resource_id": name, "permission": "DENY"}
            _made(started, ADMIN, "3.0/mlflow/users/permissions/grant", denied)
        yield started


SCORER = {"experiment_id": "0", "name": "Judge"}


def _made(server: Running, who: tuple[str, str], path: str, body: dict[str, Any]) -> None:
    answer = ask(server.address, f"/api/{path}", method="POST", body=body, headers=basic(*who))
    assert answer.status == 200, answer.text


def _status(server: Running, who: tuple[str, str], method: str, path: str, body: object = None) -> int:
    return int(ask(server.address, f"/api/{path}", method=method, body=body, headers=basic(*who)).status)


@pytest.mark.parametrize("spelling", ["SECRET", "secret", "Secret%20", "S%C3%A9cret"])
def test_another_spelling_of_a_model_is_no_way_around_a_denial(server: Running, spelling: str) -> None:
    path = "2.0/mlflow/registered-models/get?name="

    assert _status(server, BOB, "GET", f"{path}Secret") == 403
    assert _status(server, BOB, "GET", f"{path}{spelling}") == 404
    assert _status(server, ANN, "GET", f"{path}Secret") == 200


def test_what_is_denied_is_deleted_under_no_spelling(server: Running) -> None:
    assert _status(server, BOB, "DELETE", "2.0/mlflow/registered-models/delete", {"name": "SECRET"}) in (403, 404)
    assert _status(server, BOB, "DELETE", "3.0/mlflow/scorers/delete", {**SCORER, "name": "JUDGE"}) in (403, 404)
    assert _status(server, BOB, "GET", "3.0/mlflow/scorers/get?experiment_id=0&name=JUDGE") in (403, 404)
    again = {**SCORER, "name": "JUDGE", "serialized_scorer": JUDGE}
    assert _status(server, BOB, "POST", "3.0/mlflow/scorers/register", again) == 400
    assert _status(server, ANN, "GET", "2.0/mlflow/registered-models/get?name=Secret") == 200
    assert _status(server, ANN, "GET", "3.0/mlflow/scorers/get?experiment_id=0&name=Judge") == 200
