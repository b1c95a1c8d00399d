"""A user has the server, which may do more, do it: by a job, by a scorer, by an endpoint of the gateway, by GraphQL."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.server.asking import ask, basic
from tests.integration.users import ADMIN, User, attacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.flowship import Running

ANN, BOB = ("ann", "ann's password"), ("bob", "bob's password")
PROMPT = {"key": "mlflow.prompt.is_prompt", "value": "true"}


def judge(**options: Any) -> str:
    """A judge as MLflow's client serializes it."""
    data = {"instructions": "Is {{ outputs }} good?", "model": "openai:/x", **options}
    return json.dumps({"name": "judge", "serialization_version": 1, "instructions_judge_pydantic_data": data})


@dataclass(frozen=True)
class Place:
    """A server, with what belongs to ann, and what belongs to bob, by its kind."""

    server: Running
    ann: dict[str, str] = field(default_factory=dict)
    bob: dict[str, str] = field(default_factory=dict)

    def ask(self, who: User, path: str, body: Any = None, method: str = "POST") -> Any:
        return ask(self.server.address, path, method=method, body=body, headers=basic(*who))

    def made(self, who: User, path: str, body: Any) -> Any:
        answer = self.ask(who, f"/api/{path}", body)
        assert answer.status == 200, answer.text
        return json.loads(answer.text)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    data = tmp_path_factory.mktemp("borrowed") / "data"
    jobs = {"extraEnvVars": {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "true"}}
    with attacked(data, ANN, BOB, values=jobs, defaultPermission="NO_PERMISSIONS") as server:
        found = Place(server)
        for who, things in ((ANN, found.ann), (BOB, found.bob)):
            things.update(_fill(found, who))
        yield found


def _fill(place: Place, who: User) -> dict[str, str]:
    name = who[0]
    experiment = place.made(who, "2.0/mlflow/experiments/create", {"name": f"gateway/{name}"})["experiment_id"]
    place.made(who, "2.0/mlflow/registered-models/create", {"name": f"{name}-prompt", "tags": [PROMPT]})
    dataset = place.made(who, "3.0/mlflow/datasets/create", {"name": name, "experiment_ids": [experiment]})
    secret = {"secret_name": name, "secret_value": {"api_key": "k"}, "provider": "openai"}
    secret_id = place.made(who, "3.0/mlflow/gateway/secrets/create", secret)["secret"]["secret_id"]
    model = {"name": name, "secret_id": secret_id, "provider": "openai", "model_name": "m"}
    definition = place.made(who, "3.0/mlflow/gateway/model-definitions/create", model)["model_definition"]
    things = {
        "experiment": experiment,
        "dataset": dataset["dataset"]["dataset_id"],
        "definition": definition["model_definition_id"],
        "prompt": f"prompts:/{name}-prompt/1",
        "endpoint": f"{name}-endpoint",
    }
    place.made(who, "3.0/mlflow/gateway/endpoints/create", _endpoint(things, things["endpoint"], experiment))
    return things


def _endpoint(things: dict[str, str], name: str, experiment: str = "") -> dict[str, Any]:
    models = [{"model_definition_id": things["definition"], "linkage_type": "PRIMARY", "weight": 1}]
    return {"name": name, "model_configs": models, **({"experiment_id": experiment} if experiment else {})}


@pytest.mark.parametrize(
    ("theirs", "options", "why"),
    [
        ("dataset", {}, "config.dataset_id"),
        ("prompt", {}, "source_prompt_uri"),
        ("endpoint", {}, "reflection_model"),
        ("", {"lm_kwargs": {"more": [{"api_base": "http://127.0.0.1:9/"}]}}, "api_base may not be set"),
        ("", {"gepa_kwargs": {"run_dir": "/"}}, "gepa_kwargs may not be set"),
    ],
)
def test_a_job_on_prompts_does_what_its_user_may(place: Place, theirs: str, options: dict[str, Any], why: str) -> None:
    used = {**place.bob, **({theirs: place.ann[theirs]} if theirs else {})}
    answer = _optimize(place, used, options)

    assert answer.status == 403
    assert why in answer.text


def _optimize(place: Place, used: dict[str, str], options: dict[str, Any]) -> Any:
    config = {
        "optimizer_type": "OPTIMIZER_TYPE_METAPROMPT",
        "dataset_id": used["dataset"],
        "scorers": ["Correctness"],
        "optimizer_config_json": json.dumps({"reflection_model": f"gateway:/{used['endpoint']}", **options}),
    }
    body = {"experiment_id": place.bob["experiment"], "source_prompt_uri": used["prompt"], "config": config}
    return place.ask(BOB, "/api/3.0/mlflow/prompt-optimization/jobs", body)


def test_a_job_on_what_is_ones_own_starts(place: Place) -> None:
    assert _optimize(place, place.bob, {"lm_kwargs": {"temperature": 0}}).status == 200


def test_traces_are_searched_for_issues_with_endpoints_that_one_may_use(place: Place) -> None:
    body = {"experiment_id": place.bob["experiment"], "trace_ids": ["tr-1"], "categories": [], "provider": "openai"}
    path = "/ajax-api/3.0/mlflow/issues/invoke"

    for endpoint in (place.ann["endpoint"], "none"):
        answer = place.ask(BOB, path, {**body, "endpoint_name": endpoint})
        assert (answer.status, "ask for USE on it" in answer.text) == (403, True)
    assert "USE" not in place.ask(BOB, path, {**body, "endpoint_name": place.bob["endpoint"]}).text


@pytest.mark.parametrize("route", ["/api/3.0/mlflow/scorers/register", "/ajax-api/3.0/mlflow/scorer/invoke"])
def test_a_judge_does_not_choose_where_its_questions_go(place: Place, route: str) -> None:
    scorer = judge(inference_params={"api_base": "http://127.0.0.1:9/"})
    body = {"experiment_id": place.bob["experiment"], "name": "judge", "serialized_scorer": scorer, "trace_ids": ["a"]}
    answer = place.ask(BOB, route, body)

    assert answer.status == 400
    assert "serialized_scorer.inference_params: api_base may not be set" in answer.text


def test_who_adds_a_version_to_a_scorer_does_not_manage_it(place: Place) -> None:
    experiment = place.ann["experiment"]
    scorer = {"experiment_id": experiment, "name": "theirs", "serialized_scorer": judge(inference_params={"seed": 1})}
    given = {"username": "bob", "resource_type": "experiment", "resource_id": experiment, "permission": "EDIT"}
    further = {
        "username": "bob",
        "resource_type": "scorer",
        "resource_id": f"{experiment}/theirs",
        "permission": "MANAGE",
    }
    place.made(ANN, "3.0/mlflow/scorers/register", scorer)
    place.made(ANN, "3.0/mlflow/users/permissions/grant", given)
    place.made(BOB, "3.0/mlflow/scorers/register", scorer)
    named = {"experiment_id": experiment, "name": "theirs"}

    assert place.ask(BOB, "/api/3.0/mlflow/users/permissions/grant", further).status == 403
    assert place.ask(BOB, "/api/3.0/mlflow/scorers/delete", named, "DELETE").status == 403
    reading = f"/api/3.0/mlflow/scorers/get?experiment_id={experiment}&name=theirs"
    assert place.ask(BOB, reading, method="GET").status == 200
    assert place.ask(ANN, "/api/3.0/mlflow/scorers/delete", named, "DELETE").status == 200


def test_an_endpoint_writes_into_no_experiment_that_has_its_name(place: Place) -> None:
    path = "/api/3.0/mlflow/gateway/endpoints/create"
    place.made(ANN, "2.0/mlflow/experiments/create", {"name": "gateway/ann-alone"})
    answer = place.ask(BOB, path, _endpoint(place.bob, "ann-alone"))

    assert (answer.status, "ask for EDIT on it" in answer.text) == (403, True)
    assert place.ask(BOB, path, _endpoint(place.bob, "bob")).status == 200
    assert place.ask(BOB, path, _endpoint(place.bob, "fresh")).status == 200


@pytest.mark.parametrize("said", ['""', "null", '"0"'])
def test_graphql_asks_about_the_default_experiment_too(place: Place, said: str) -> None:
    query = {"query": f"{{mlflowGetExperiment(input: {{experimentId: {said}}}) {{experiment {{name}}}}}}"}

    assert json.loads(place.ask(BOB, "/graphql", query).text)["data"] == {"mlflowGetExperiment": None}
    assert "Default" in place.ask(ADMIN, "/graphql", query).text


def test_a_text_that_is_work_for_minutes_is_refused_at_once(place: Place) -> None:
    experiment = place.bob["experiment"]
    long = "(" * 60_000
    for path, body in (
        ("/graphql", {"query": long}),
        ("/api/2.0/mlflow/runs/search", {"experiment_ids": [experiment], "filter": long}),
        ("/api/2.0/mlflow/runs/search", {"experiment_ids": [experiment], "order_by": [long]}),
        ("/api/2.0/mlflow/logged-models/search", {"experiment_ids": [experiment], "filter": long}),
    ):
        answer = place.ask(BOB, path, body)
        assert (answer.status, "has 60000 characters, and may have 50000" in answer.text) == (400, True)
