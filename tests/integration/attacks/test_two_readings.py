"""A user who names a thing of one's own where MLflow asks for permissions, and another's where MLflow acts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.server.asking import ask, basic
from tests.integration.users import make_users

if TYPE_CHECKING:
    from tests.integration.flowship import Running

ANN, BOB = ("ann", "ann's password"), ("bob", "bob's password")


@dataclass(frozen=True)
class Place:
    """A server, and a run, a model and a logged model of each of two users, who may not see each other's."""

    server: Running
    runs: dict[str, str]
    experiments: dict[str, str]
    logged: dict[str, str]

    def ask(self, who: tuple[str, str], method: str, path: str, body: Any = None, **headers: str) -> Any:
        return ask(self.server.address, path, method=method, body=body, headers={**basic(*who), **headers})


@pytest.fixture(scope="module")
def place(closed: Running) -> Place:
    make_users(closed, ANN, BOB)
    found = Place(closed, {}, {}, {})
    for who in (ANN, BOB):
        _fill(found, who)
    return found


def _fill(place: Place, who: tuple[str, str]) -> None:
    def made(path: str, body: dict[str, Any]) -> Any:
        answer = place.ask(who, "POST", f"/api/2.0/mlflow/{path}", body)
        assert answer.status == 200, answer.text
        return json.loads(answer.text)

    name = who[0]
    experiment = made("experiments/create", {"name": f"{name}'s"})["experiment_id"]
    place.experiments[name] = experiment
    place.runs[name] = made("runs/create", {"experiment_id": experiment})["run"]["info"]["run_id"]
    made("registered-models/create", {"name": f"{name}model"})
    place.logged[name] = made("logged-models", {"experiment_id": experiment})["model"]["info"]["model_id"]


@pytest.mark.parametrize("names", [("run_uuid", "runId"), ("run_id", "runUuid"), ("run_id", "run_uuid")])
@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("runs/delete", {}),
        ("runs/update", {"run_name": "owned"}),
        ("runs/set-tag", {"key": "a", "value": "b"}),
        ("runs/log-metric", {"key": "a", "value": 1, "timestamp": 1}),
        ("runs/log-batch", {"tags": [{"key": "a", "value": "b"}]}),
        ("traces/link-to-run", {"trace_ids": ["tr-1"]}),
    ],
)
def test_a_run_is_the_one_that_was_asked_about(
    place: Place, path: str, more: dict[str, Any], names: tuple[str, str]
) -> None:
    both = {names[0]: place.runs["bob"], names[1]: place.runs["ann"], **more}
    answer = place.ask(BOB, "POST", f"/api/2.0/mlflow/{path}", both)

    assert answer.status == 400
    assert "names more than one run" in answer.text
    kept = json.loads(place.ask(ANN, "GET", f"/api/2.0/mlflow/runs/get?run_id={place.runs['ann']}").text)["run"]
    assert kept["info"]["lifecycle_stage"] == "active"
    assert kept["info"]["run_name"] != "owned"
    assert not {tag["key"] for tag in kept["data"]["tags"]} & {"a"}


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize(
    "path",
    ["registered-models/delete", "registered-models/delete-tag", "registered-models/alias", "model-versions/delete"],
)
def test_what_is_deleted_is_what_was_asked_about(place: Place, path: str, content_type: str) -> None:
    body = {"name": "annmodel", "key": "a", "alias": "a", "version": "1"}
    answer = place.ask(BOB, "DELETE", f"/api/2.0/mlflow/{path}?name=bobmodel", body, **{"Content-Type": content_type})

    assert answer.status == 400
    assert "must be JSON" in answer.text
    assert place.ask(ANN, "GET", "/api/2.0/mlflow/registered-models/get?name=annmodel").status == 200


def test_a_logged_model_is_the_one_that_its_path_names(place: Place) -> None:
    answer = place.ask(
        BOB,
        "PATCH",
        f"/api/2.0/mlflow/logged-models/{place.logged['bob']}",
        {"model_id": place.logged["ann"], "status": "LOGGED_MODEL_UPLOAD_FAILED"},
    )

    assert answer.status == 400
    assert "name different things by model_id" in answer.text


@pytest.mark.parametrize("asked_about", ["?model_id={bob}", "?model_id={bob}&model_id={ann}", "?modelId={bob}"])
@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("GET", "/artifacts/directories"), ("DELETE", "")])
def test_a_query_does_not_name_another_thing_than_the_path(
    place: Place, method: str, rest: str, asked_about: str
) -> None:
    path = f"/api/2.0/mlflow/logged-models/{place.logged['ann']}"
    answer = place.ask(BOB, method, f"{path}{rest}{asked_about.format(**place.logged)}")

    assert (answer.status, "The path and the query name different things" in answer.text) == (400, True)
    assert place.ask(ANN, "GET", path).status == 200
    assert place.ask(ANN, "GET", f"{path}?model_id={place.logged['ann']}").status == 200  # as MLflow's client does


def test_datasets_are_those_of_the_experiment_that_was_asked_about(place: Place) -> None:
    theirs, own = place.experiments["ann"], place.experiments["bob"]
    search = "/api/3.0/mlflow/datasets/search?experiment_ids="
    read = place.ask(BOB, "GET", f"{search}{theirs}", {"experiment_ids": [own]})
    twice = place.ask(BOB, "POST", f"{search}{own}", json.dumps({"experiment_ids": [theirs]}))

    assert (read.status, "request with a body" in read.text) == (400, True)
    assert (twice.status, "text within JSON" in twice.text) == (400, True)


def test_what_clients_send_is_taken(place: Place) -> None:
    run = place.runs["bob"]
    metric = {"run_id": run, "run_uuid": run, "key": "loss", "value": 1.0, "timestamp": 1}

    assert place.ask(BOB, "POST", "/api/2.0/mlflow/runs/log-metric", metric).status == 200
    model = {"model_id": place.logged["bob"], "status": "LOGGED_MODEL_READY"}
    assert place.ask(BOB, "PATCH", f"/api/2.0/mlflow/logged-models/{place.logged['bob']}", model).status == 200
    assert place.ask(BOB, "DELETE", "/api/2.0/mlflow/registered-models/delete", {"name": "bobmodel"}).status == 200


@pytest.mark.parametrize(
    "body",
    [
        '{"run_id": "%(bob)s", "run_id": "%(ann)s", "key": "hot", "value": "taken"}',
        '{"run_id": "%(bob)s", "run_\\u0069d": "%(ann)s", "key": "hot", "value": "taken"}',
        '{"run_id": "%(bob)s", "run_uuid": "%(ann)s", "key": "hot", "value": "taken"}',
        '{"run_id": "", "run_uuid": "%(ann)s", "key": "hot", "value": "taken"}',
        '{"run_id": ["%(ann)s"], "key": "hot", "value": "taken"}',
        '{"run_id": {"%(ann)s": 1}, "key": "hot", "value": "taken"}',
        '{"run_id": "%(ann)s\\u0000", "key": "hot", "value": "taken"}',
        '{"run_id": " %(ann)s", "key": "hot", "value": "taken"}',
    ],
)
def test_a_hot_route_reads_a_body_as_mlflow_does(place: Place, body: str) -> None:
    """The hot API answers in front of MLflow: what is not one plain run of the sender's is refused, with words."""
    said = (body % place.runs).encode()
    for route in ("set-tag", "log-parameter"):
        path = f"/api/2.0/mlflow/runs/{route}"
        answer = place.ask(BOB, "POST", path, said, **{"Content-Type": "application/json"})

        assert answer.status in {400, 403, 404}, (route, answer.text)
        assert "<html" not in answer.text
    kept = json.loads(place.ask(ANN, "GET", f"/api/2.0/mlflow/runs/get?run_id={place.runs['ann']}").text)["run"]
    assert "hot" not in {each["key"] for each in (*kept["data"].get("tags", []), *kept["data"].get("params", []))}
