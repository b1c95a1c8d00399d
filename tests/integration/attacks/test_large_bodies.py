"""Requests of some megabytes that cost a server minutes: lists that are read and checked before they are counted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.flowship import Running
from tests.integration.server.asking import Answer, ask, basic
from tests.integration.users import attacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ANN = ("ann", "ann's password")
MANY = 20_000
HISTORY = (
    "query ($d: MlflowGetMetricHistoryBulkIntervalInput) {mlflowGetMetricHistoryBulkInterval(input: $d) {metrics{key}}}"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with attacked(tmp_path_factory.mktemp("large") / "data", ANN) as started:
        yield started


@pytest.fixture(scope="module")
def run(server: Running) -> str:
    """A run of ann's, in an experiment of hers, the first that was made."""
    assert say(server, "/api/2.0/mlflow/experiments/create", {"name": "ann's"}).status == 200
    made = say(server, "/api/2.0/mlflow/runs/create", {"experiment_id": "1"})
    return str(json.loads(made.text)["run"]["info"]["run_id"])


def say(server: Running, path: str, body: Any, who: tuple[str, str] | None = ANN, method: str = "POST") -> Answer:
    return ask(server.address, path, method=method, body=body, headers=basic(*who) if who else None)


def pairs(count: int) -> list[dict[str, str]]:
    return [{"key": f"k{number}", "value": "v"} for number in range(count)]


def metrics(count: int) -> list[dict[str, Any]]:
    return [{"key": "m", "value": 1.0, "timestamp": 1, "step": number} for number in range(count)]


def ids(count: int) -> list[str]:
    return [f"{number:032x}" for number in range(count)]


REQUESTS: list[tuple[str, Callable[[str, int], dict[str, Any]], str]] = [
    ("/api/2.0/mlflow/runs/log-batch", lambda run, n: {"run_id": run, "metrics": metrics(n)}, "1000 metrics"),
    ("/ajax-api/2.0/mlflow/runs/log-batch", lambda run, n: {"run_id": run, "params": pairs(n)}, "100 params"),
    ("/api/2.0/mlflow/runs/log-batch", lambda run, n: {"run_id": run, "tags": pairs(n)}, "100 tags"),
    ("/api/2.0/mlflow/runs/create", lambda _, n: {"experiment_id": "1", "tags": pairs(n)}, "tags: has"),
    ("/api/2.0/mlflow/experiments/create", lambda _, n: {"name": "x", "tags": pairs(n)}, "tags: has"),
    ("/api/2.0/mlflow/registered-models/create", lambda _, n: {"name": "m", "tags": pairs(n)}, "tags: has"),
    ("/api/2.0/mlflow/runs/search", lambda _, n: {"experiment_ids": ids(n)}, "experiment_ids: has"),
    ("/api/2.0/mlflow/traces/delete-traces", lambda _, n: {"experiment_id": "1", "request_ids": ids(n)}, "request_ids"),
    (
        "/api/3.0/mlflow/traces/metrics",
        lambda _, n: {"experiment_ids": ["1"], "view_type": "TRACES", "filters": ["trace.status = 'OK'"] * n},
        "filters: has",
    ),
    (
        "/api/3.0/mlflow/traces",
        lambda _, n: {"trace": {"trace_info": {"trace_id": "t", "tags": dict.fromkeys(ids(n), "v")}}},
        "trace.trace_info.tags: has",
    ),
    ("/api/3.0/mlflow/datasets/d-1/records", lambda _, n: {"records": json.dumps([{}] * n)}, "records: has"),
    ("/graphql", lambda run, n: {"query": HISTORY, "variables": {"d": {"runIds": [run] * n}}}, "d.runIds: has"),
]


@pytest.mark.parametrize(("path", "body", "words"), REQUESTS)
def test_what_is_too_much_is_refused_before_it_is_read(
    server: Running, run: str, path: str, body: Callable[[str, int], dict[str, Any]], words: str
) -> None:
    answer = say(server, path, body(run, MANY))

    assert answer.status == 400, answer.text
    assert words in answer.text
    assert str(MANY) in answer.text


def test_a_delete_is_counted_too(server: Running) -> None:
    """Its body is read whatever its Content-Type says."""
    body = {"dataset_record_ids": ids(MANY)}

    answer = say(server, "/api/3.0/mlflow/datasets/d-1/records", body, method="DELETE")

    assert answer.status == 400
    assert "dataset_record_ids: has 20000 entries, and may have 10000." in answer.text


def test_a_history_in_graphql_is_of_as_many_runs_as_by_its_route(server: Running, run: str) -> None:
    said = {"query": HISTORY, "variables": {"d": {"runIds": [run] * 101, "metricKey": "m", "maxResults": 1}}}

    answer = say(server, "/graphql", said)

    assert json.loads(answer.text)["data"] == {"mlflowGetMetricHistoryBulkInterval": None}
    assert "at most 100 run_ids" in answer.text


def test_spans_are_counted_before_they_are_made(server: Running, run: str) -> None:
    """MLflow makes its own spans of them one by one, while nobody else is served."""
    span = {"traceId": "a" * 32, "spanId": "b" * 16, "name": "s"}
    many = {"resourceSpans": [{"scopeSpans": [{"spans": [span] * MANY}]}]}
    headers = {**basic(*ANN), "X-Mlflow-Experiment-Id": "1"}

    answer = ask(server.address, "/v1/traces", method="POST", body=many, headers=headers)

    assert answer.status == 413
    assert "20000 spans or more" in answer.text


def test_without_a_login_nothing_is_counted(server: Running) -> None:
    assert say(server, "/api/2.0/mlflow/runs/log-batch", {"metrics": metrics(MANY)}, who=None).status == 401


def test_as_much_as_mlflow_takes_is_taken(server: Running, run: str) -> None:
    batch = {"run_id": run, "metrics": metrics(800), "params": pairs(100), "tags": pairs(100)}
    assert say(server, "/api/2.0/mlflow/runs/log-batch", batch).status == 200
    assert say(server, "/api/2.0/mlflow/runs/create", {"experiment_id": "1", "tags": pairs(900)}).status == 200
    assert say(server, "/api/2.0/mlflow/runs/search", {"experiment_ids": ["1", *ids(9_000)]}).status == 200
