"""What a user who is denied one experiment reaches by writing its id otherwise, and by what MLflow does not ask for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from flowship.auth.in_mlflow.rights import DEMO_WITHHELD
from flowship.database.served.rewording import COMPLEX
from tests.integration.flowship import Running
from tests.integration.server.asking import Answer, ask, basic
from tests.integration.users import ADMIN, attacked

if TYPE_CHECKING:
    from collections.abc import Iterator

BOB = ("bob", "bob's password")
DENIED = "1"
SPELLINGS = ["01", " 1", "1 ", "+1", "0_1", "\uff11", "1\n", "\u0661"]
"""All of them are the number 1 for Python; a DENY on 1 matched none of them."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One with an experiment 1 that bob, who may edit all others, is denied, and an experiment 2 that he may read."""
    with attacked(tmp_path_factory.mktemp("spellings") / "data", BOB) as started:
        assert done(started, "/api/2.0/mlflow/experiments/create", name="denied")["experiment_id"] == DENIED
        assert done(started, "/api/2.0/mlflow/experiments/create", name="read only")["experiment_id"] == "2"
        role = done(started, "/api/3.0/mlflow/roles/create", name="r", workspace="default")["role"]["id"]
        grants = [("experiment", "*", "EDIT"), ("experiment", DENIED, "DENY"), ("gateway_endpoint", "*", "EDIT")]
        for kind, which, permission in grants:
            grant = {"resource_type": kind, "resource_pattern": which, "permission": permission}
            done(started, "/api/3.0/mlflow/roles/permissions/add", role_id=role, **grant)
        done(started, "/api/3.0/mlflow/roles/assign", role_id=role, username=BOB[0])
        yield started


def say(server: Running, who: tuple[str, str], method: str, path: str, body: Any = None, **headers: str) -> Answer:
    return ask(server.address, path, method=method, body=body, headers={**basic(*who), **headers})


def done(server: Running, path: str, **body: Any) -> Any:
    answer = say(server, ADMIN, "POST", path, body)
    assert answer.status == 200, answer.text
    return json.loads(answer.text)


def asked_with(experiment: str) -> list[tuple[str, str, Any]]:
    """Requests for an experiment: method, path and body."""
    named = quote(experiment)
    return [
        ("GET", f"/api/2.0/mlflow/experiments/get?experiment_id={named}", None),
        ("GET", f"/ajax-api/2.0/mlflow/experiments/get?experiment_id={named}", None),
        ("POST", "/api/2.0/mlflow/experiments/update", {"experiment_id": experiment, "new_name": "taken"}),
        (
            "POST",
            "/api/2.0/mlflow/experiments/set-experiment-tag",
            {"experiment_id": experiment, "key": "k", "value": "v"},
        ),
        ("POST", "/api/2.0/mlflow/runs/create", {"experiment_id": experiment}),
        ("GET", f"/api/2.0/mlflow/traces?experiment_ids={named}", None),
        ("POST", "/api/3.0/mlflow/traces/search", {"locations": [trace_location(experiment)]}),
        ("POST", "/api/3.0/mlflow/traces/metrics", {"experiment_ids": [experiment], "view_type": "TRACES"}),
        ("POST", "/api/3.0/mlflow/issues/search", {"experiment_id": experiment}),
        ("GET", f"/api/3.0/mlflow/label-schemas/list?experiment_id={named}", None),
        ("POST", "/api/3.0/mlflow/datasets/create", {"name": "d", "experiment_ids": [experiment]}),
        ("POST", "/api/2.0/mlflow/logged-models", {"experiment_id": experiment, "name": "m"}),
        ("GET", f"/api/3.0/mlflow/scorers/list?experiment_id={named}", None),
    ]


def trace_location(experiment: str) -> dict[str, Any]:
    return {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}}


@pytest.mark.parametrize("spelling", [DENIED, *SPELLINGS])
def test_a_denied_experiment_is_denied_however_it_is_spelled(server: Running, spelling: str) -> None:
    answers = {
        f"{method} {path}": say(server, BOB, method, path, body).status for method, path, body in asked_with(spelling)
    }

    assert answers == dict.fromkeys(answers, 403)


@pytest.mark.parametrize("spelling", [DENIED, *SPELLINGS])
def test_no_search_finds_what_is_denied(server: Running, spelling: str) -> None:
    run = done(server, "/api/2.0/mlflow/runs/create", experiment_id=DENIED)["run"]["info"]["run_id"]
    search = {"experiment_ids": [spelling]}
    found = say(server, BOB, "POST", "/api/2.0/mlflow/runs/search", search)
    query = {
        "operationName": "S",
        "query": "query S($d: MlflowSearchRunsInput!) {mlflowSearchRuns(input: $d) {runs {info {runId}}}}",
        "variables": {"d": {"experimentIds": [spelling]}},
    }
    graph = say(server, BOB, "POST", "/graphql", query)
    get = {
        "operationName": "G",
        "query": "query G($d: MlflowGetExperimentInput!) {mlflowGetExperiment(input: $d) {experiment {name}}}",
        "variables": {"d": {"experimentId": spelling}},
    }
    experiment = say(server, BOB, "POST", "/graphql", get)

    assert run not in found.text
    assert run not in graph.text
    assert "denied" not in experiment.text.lower() or '"experiment": null' in experiment.text


@pytest.mark.parametrize("spelling", ["01", "0_1", "+1", DENIED])
def test_no_span_is_written_where_it_is_denied(server: Running, spelling: str) -> None:
    headers = {"X-Mlflow-Experiment-Id": spelling, "Content-Type": "application/x-protobuf"}

    assert say(server, BOB, "POST", "/v1/traces", b"", **headers).status == 403


def test_no_id_is_the_default_experiments(server: Running) -> None:
    """MLflow's store takes it so; a DENY on 0 holds for it too."""
    role = done(server, "/api/3.0/mlflow/roles/create", name="not 0", workspace="default")["role"]["id"]
    grant = {"resource_type": "experiment", "resource_pattern": "0", "permission": "DENY"}
    done(server, "/api/3.0/mlflow/roles/permissions/add", role_id=role, **grant)
    assert say(server, BOB, "POST", "/api/2.0/mlflow/runs/create", {"experiment_id": "0"}).status == 200
    done(server, "/api/3.0/mlflow/roles/assign", role_id=role, username=BOB[0])
    try:
        for spelling in ("0", "", None, "00", "-0"):
            made = say(server, BOB, "POST", "/api/2.0/mlflow/runs/create", {"experiment_id": spelling})
            assert made.status in (400, 403), spelling
    finally:
        answer = say(server, ADMIN, "DELETE", "/api/3.0/mlflow/roles/unassign", {"role_id": role, "username": BOB[0]})
        assert answer.status == 200, answer.text


def test_what_bob_may_he_still_may_and_admins_all(server: Running) -> None:
    for experiment, who in (("0", BOB), ("2", BOB), (DENIED, ADMIN), ("01", ADMIN)):
        path = f"/api/2.0/mlflow/experiments/get?experiment_id={experiment}"
        assert say(server, who, "GET", path).status == 200
        assert say(server, who, "POST", "/api/2.0/mlflow/runs/create", {"experiment_id": experiment}).status == 200


@pytest.fixture(scope="module")
def endpoint(server: Running) -> dict[str, Any]:
    """One of the gateway's, which everybody may edit whom bob's role lets, and what it was made of."""
    secret = done(
        server,
        "/api/3.0/mlflow/gateway/secrets/create",
        secret_name="s",
        secret_value={"api_key": "x"},
        provider="openai",
    )["secret"]["secret_id"]
    model = done(
        server,
        "/api/3.0/mlflow/gateway/model-definitions/create",
        name="m",
        secret_id=secret,
        provider="openai",
        model_name="gpt",
    )["model_definition"]["model_definition_id"]
    config = {"model_definition_id": model, "linkage_type": "PRIMARY", "weight": 1.0}
    made = done(server, "/api/3.0/mlflow/gateway/endpoints/create", name="e", model_configs=[config], experiment_id="0")
    return {"endpoint_id": made["endpoint"]["endpoint_id"], "model_configs": [config]}


def test_an_endpoint_writes_traces_only_where_its_editor_may(server: Running, endpoint: dict[str, Any]) -> None:
    """bob's role grants EDIT on all experiments; a user of his own with READ on 2 only is refused there."""
    done(server, "/api/2.0/mlflow/users/create", username="eve", password=BOB[1])
    eve = ("eve", BOB[1])
    role = done(server, "/api/3.0/mlflow/roles/create", name="eve's", workspace="default")["role"]["id"]
    for kind in ("gateway_endpoint", "gateway_model_definition"):
        grant = {"resource_type": kind, "resource_pattern": "*", "permission": "EDIT"}
        done(server, "/api/3.0/mlflow/roles/permissions/add", role_id=role, **grant)
    done(server, "/api/3.0/mlflow/roles/assign", role_id=role, username="eve")
    which = {"endpoint_id": endpoint["endpoint_id"]}

    for api in ("api", "ajax-api"):
        update, create = (f"/{api}/3.0/mlflow/gateway/endpoints/{do}" for do in ("update", "create"))
        for experiment in ("2", "02"):
            new = {
                "name": f"of-eve-{api}-{experiment}",
                "model_configs": endpoint["model_configs"],
                "experiment_id": experiment,
            }
            for path, body in ((update, {**which, "experiment_id": experiment}), (create, new)):
                answer = say(server, eve, "POST", path, body)
                assert answer.status == 403, (path, answer.text)
                assert "EDIT" in answer.text
        # What it is already is no change.
        assert say(server, eve, "POST", update, {**which, "experiment_id": "0", "name": f"e-{api}"}).status == 200
        assert say(server, BOB, "POST", update, {**which, "experiment_id": "2"}).status == 200
        assert say(server, ADMIN, "POST", update, {**which, "experiment_id": "0"}).status == 200


def test_a_search_beyond_the_database_is_the_requests_fault(server: Running) -> None:
    """With 300 conditions it has too many for anybody; nothing asks to be sent again."""
    conditions = " and ".join(f"params.p{number} = '1'" for number in range(300))
    for path, body in (
        ("/api/2.0/mlflow/runs/search", {"experiment_ids": ["0"], "filter": conditions}),
        ("/api/2.0/mlflow/runs/search", {"experiment_ids": ["0"], "order_by": [f"metrics.m{i}" for i in range(300)]}),
        ("/api/2.0/mlflow/experiments/search", {"max_results": 1, "filter": conditions.replace("params", "tags")}),
        ("/api/2.0/mlflow/logged-models/search", {"experiment_ids": ["0"], "filter": conditions}),
        (
            "/api/3.0/mlflow/traces/search",
            {"locations": [trace_location("0")], "filter": conditions.replace("params", "tags")},
        ),
    ):
        answer = say(server, BOB, "POST", path, body)

        assert answer.status == 400, (path, answer.text)
        assert "retry-after" not in answer.headers
        assert "may have 50" in answer.text, (path, answer.text)
        assert COMPLEX not in answer.text


def test_fifty_conditions_are_searched(server: Running) -> None:
    conditions = " and ".join(f"params.p{number} = '1'" for number in range(48))
    body = {"experiment_ids": ["0"], "filter": conditions, "order_by": ["metrics.a", "metrics.b"]}

    answer = say(server, BOB, "POST", "/api/2.0/mlflow/runs/search", body)

    assert answer.status == 200, answer.text


def test_the_demo_is_made_by_admins(server: Running) -> None:
    refused = say(server, BOB, "POST", "/ajax-api/3.0/mlflow/demo/generate", {})

    assert refused.status == 403
    assert json.loads(refused.text)["message"] == DEMO_WITHHELD
