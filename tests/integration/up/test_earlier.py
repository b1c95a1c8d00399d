"""A data directory that an earlier Flowship has filled: `flowship up` finds everything in it, wherever it lies now.

`earlier/` has one of each commit that is worth it, packed after `flowship up` with these values, `log` of
`tests/integration/client.py`, and the server's end: its SQLite files and the artifacts of the run. The
path where it lay is made up.
"""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.integration.client import ALIAS, EXPERIMENT, LOGGED, MODEL
from tests.integration.flowship import Running, running
from tests.integration.users import ADMIN, auth

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKED = sorted(Path(__file__).with_name("earlier").glob("data-*.tar.xz"))


@pytest.fixture(scope="module", params=PACKED, ids=[path.name.split(".")[0] for path in PACKED])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("earlier") / "data"
    with tarfile.open(request.param) as packed:
        packed.extractall(data, filter="data")
    with running({"auth": auth()}, data=data) as started:
        yield started


def asked(server: Running, path: str, **query: str) -> dict[str, Any]:
    answer = requests.get(f"{server.address}/api/2.0/mlflow/{path}", params=query, auth=ADMIN, timeout=60)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_what_an_earlier_version_was_given_is_there(server: Running) -> None:
    experiment = asked(server, "experiments/get-by-name", experiment_name=EXPERIMENT)["experiment"]
    search = {"experiment_ids": [experiment["experiment_id"]]}
    found = requests.post(f"{server.address}/api/2.0/mlflow/runs/search", json=search, auth=ADMIN, timeout=60)
    (run,) = found.json()["runs"]
    name = run["info"]["run_id"]
    history = asked(server, "metrics/get-history", run_id=name, metric_key="loss")["metrics"]
    note = {"run_uuid": name, "path": "notes/hello.txt"}
    version = asked(server, "registered-models/alias", name=MODEL, alias=ALIAS)["model_version"]

    assert {each["key"]: each["value"] for each in run["data"]["params"]} == LOGGED["params"]
    assert [each["value"] for each in history] == LOGGED["metrics"]["loss"]
    answer = requests.get(f"{server.address}/get-artifact", params=note, auth=ADMIN, timeout=60)
    assert answer.content.decode() == LOGGED["artifacts"]["notes/hello.txt"]
    assert version["version"] == LOGGED["model"]["version"]


def test_users_are_those_of_before(server: Running) -> None:
    assert asked(server, "users/get", username=ADMIN[0])["user"]["is_admin"] is True
    assert requests.get(f"{server.address}/version", auth=(ADMIN[0], "another password"), timeout=60).status_code == 401
