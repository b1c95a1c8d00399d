"""Traces, assessments and runs of others, by their ids: who knows one changes nothing; the stock client does all."""

from __future__ import annotations

import json
import secrets
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.integration.client import as_user
from tests.integration.server.asking import Answer, ask, basic
from tests.integration.users import ADMIN, make_users
from tests.mlflow_version import SINCE_3_18

if TYPE_CHECKING:
    from tests.integration.flowship import Running

ADA, EVE = ("ada", "ada's password"), ("eve", "eve's password")
RUN = "mlflow.sourceRun"
SPANS = "/v1/traces"
ELSEWHERE = 400 if SINCE_3_18 else 200
"""What MLflow answers to who may send a trace to another experiment than the one that it began in."""


class Owned(NamedTuple):
    """What a user has."""

    user: tuple[str, str]
    experiment: str
    run: str
    otel: str
    """The id of the trace in OpenTelemetry."""
    assessment: str

    @property
    def trace(self) -> str:
        return f"tr-{self.otel}"


@pytest.fixture(scope="module")
def server(closed: Running) -> Running:
    make_users(closed, ADA, EVE)
    return closed


@pytest.fixture
def ada(server: Running) -> Owned:
    return owned(server, ADA)


@pytest.fixture
def eve(server: Running) -> Owned:
    return owned(server, EVE)


def say(server: Running, user: tuple[str, str], path: str, method: str = "POST", **body: Any) -> Answer:
    return ask(server.address, path, method=method, body=body, headers=basic(*user))


def made(server: Running, user: tuple[str, str], path: str, **body: Any) -> Any:
    answer = say(server, user, path, **body)
    assert answer.status == 200, answer.text
    return json.loads(answer.text)


def owned(server: Running, user: tuple[str, str]) -> Owned:
    name = f"{user[0]}-{time.monotonic_ns()}"
    experiment = made(server, user, "/api/2.0/mlflow/experiments/create", name=name)["experiment_id"]
    run = made(server, user, "/api/2.0/mlflow/runs/create", experiment_id=experiment)["run"]["info"]["run_id"]
    thing = Owned(user, experiment, run, secrets.token_hex(16), f"a-{secrets.token_hex(16)}")
    begun = start(server, thing, assessments=[assessment(thing)])
    assert begun.status == 200, begun.text
    sent = log(server, thing, "the first")
    assert sent.status == 200, sent.text
    return thing


def assessment(of: Owned) -> dict[str, Any]:
    return {
        "assessment_id": of.assessment,
        "assessment_name": "good",
        "trace_id": of.trace,
        "source": {"source_type": "HUMAN", "source_id": of.user[0]},
        "create_time": "2026-01-01T00:00:00Z",
        "last_update_time": "2026-01-01T00:00:00Z",
        "feedback": {"value": True},
    }


def start(
    server: Running, by: Owned, trace: str | None = None, user: tuple[str, str] | None = None, **more: Any
) -> Answer:
    """Begin a trace in one's own experiment, one's own trace unless another is named."""
    info = {
        "trace_id": trace or by.trace,
        "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": by.experiment}},
        "request_time": "2026-01-01T00:00:00Z",
        "state": "OK",
        **more,
    }
    return say(server, user or by.user, "/api/3.0/mlflow/traces", trace={"trace_info": info})


def log(server: Running, by: Owned, name: str, otel: str | None = None, **headers: str) -> Answer:
    """Send a span as an exporter of OpenTelemetry does, into one's own experiment."""
    span = {
        "traceId": otel or by.otel,
        "spanId": secrets.token_hex(8),
        "name": name,
        "startTimeUnixNano": "1",
        "endTimeUnixNano": "2",
    }
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    sent = {"X-Mlflow-Experiment-Id": by.experiment, "Content-Type": "application/json", **basic(*by.user), **headers}
    return ask(server.address, SPANS, method="POST", body=json.dumps(body).encode(), headers=sent)


def seen(server: Running, of: Owned) -> tuple[str, set[str], list[str]]:
    """The experiment of a trace, the names of its spans, and its assessments, as its owner sees them."""
    answer = ask(server.address, f"/ajax-api/3.0/mlflow/traces/get?trace_id={of.trace}", headers=basic(*of.user))
    assert answer.status == 200, answer.text
    found = json.loads(answer.text)["trace"]
    info = found["trace_info"]
    return (
        info["trace_location"]["mlflow_experiment"]["experiment_id"],
        {span["name"] for span in found["spans"]},
        [each["assessment_id"] for each in info.get("assessments", [])],
    )


def linked(server: Running, of: Owned, *experiments: str) -> set[str]:
    """The traces that a run's page shows, in these experiments, to the admin."""
    places = [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": each}} for each in experiments]
    found = made(
        server,
        ADMIN,
        "/api/3.0/mlflow/traces/search",
        locations=places,
        filter=f"attributes.run_id = '{of.run}'",
    )
    return {each["trace_id"] for each in found.get("traces", [])}


def untouched(of: Owned) -> tuple[str, set[str], list[str]]:
    return of.experiment, {"the first"}, [of.assessment]


def test_nobody_begins_anothers_trace_again(server: Running, ada: Owned, eve: Owned) -> None:
    refused = start(server, eve, ada.trace)

    assert refused.status == 403
    assert json.loads(refused.text)["message"] == (
        f"Trace '{ada.trace}' is one of another experiment, whose traces you may not change. Give yours an ID of "
        "its own."
    )
    assert seen(server, ada) == untouched(ada)
    assert say(server, eve.user, f"/api/3.0/mlflow/traces/{ada.trace}", "GET").status == 403


def test_nobody_logs_spans_into_anothers_trace(server: Running, ada: Owned, eve: Owned) -> None:
    refused = log(server, eve, "eve's", ada.otel)

    assert refused.status == 403
    assert "an ID of its own" in json.loads(refused.text)["message"]
    assert seen(server, ada) == untouched(ada)


def test_who_loses_a_right_sends_no_more_spans(server: Running, ada: Owned, eve: Owned) -> None:
    """That somebody may is remembered, by each worker; that it changed, all of them learn at once."""
    right = {"username": EVE[0], "resource_type": "experiment", "resource_id": ada.experiment, "permission": "EDIT"}
    into_adas = {"X-Mlflow-Experiment-Id": ada.experiment}

    def sent() -> list[int]:
        return [log(server, eve, "eve's", secrets.token_hex(16), **into_adas).status for _ in range(8)]

    before = sent()
    made(server, ADMIN, "/api/3.0/mlflow/users/permissions/grant", **right)
    meanwhile = sent()
    del right["permission"]
    made(server, ADMIN, "/api/3.0/mlflow/users/permissions/revoke", **right)

    assert (before, meanwhile, sent()) == ([403] * 8, [200] * 8, [403] * 8)


def test_nobody_takes_anothers_assessment(server: Running, ada: Owned, eve: Owned) -> None:
    refused = start(server, eve, assessments=[assessment(ada)])

    said = (
        f"Assessment with ID '{ada.assessment}' belongs to another trace."  # MLflow's own
        if SINCE_3_18
        else f"Assessment '{ada.assessment}' is one of another trace. Give yours an ID of its own."
    )
    assert (refused.status, json.loads(refused.text)["message"]) == (400 if SINCE_3_18 else 403, said)
    fresh = start(server, eve, f"tr-{secrets.token_hex(16)}", assessments=[assessment(ada)])
    assert fresh.status in {403, 404}, fresh.text
    assert seen(server, ada) == untouched(ada)
    assert seen(server, eve) == untouched(eve)


def test_nobody_links_a_trace_to_anothers_run(server: Running, ada: Owned, eve: Owned) -> None:
    old: dict[str, Any] = {"timestamp_ms": 1, "request_metadata": [{"key": RUN, "value": ada.run}], "tags": []}
    path = "/api/2.0/mlflow/traces"
    refused = {
        "begun": start(server, eve, trace_metadata={RUN: ada.run}),
        "no such run": start(server, eve, trace_metadata={RUN: "0" * 32}),
        "begun of old": say(server, eve.user, path, experiment_id=eve.experiment, **old),
        "ended of old": say(server, eve.user, f"{path}/{eve.trace}", "PATCH", status="OK", **old),
        "spans": log(server, eve, "eve's", **{"X-Mlflow-Run-Id": ada.run}),
        "no such run's spans": log(server, eve, "eve's", **{"X-Mlflow-Run-Id": "0" * 32}),
    }

    assert {how: answer.status for how, answer in refused.items()} == dict.fromkeys(refused, 403)
    assert json.loads(refused["begun"].text)["message"] == (
        f"{RUN} '{ada.run}' is no run of the trace's experiment, nor one that you may change. Leave it out."
    )
    assert linked(server, ada, ada.experiment, eve.experiment) == set()
    assert seen(server, eve) == untouched(eve)


def test_ones_own_traces_are_sent_again_and_linked(server: Running, ada: Owned) -> None:
    for _ in range(2):
        again = start(server, ada, assessments=[assessment(ada)], trace_metadata={RUN: ada.run})
        assert again.status == 200, again.text
    assert log(server, ada, "the second").status == 200
    assert log(server, ada, "the third", **{"X-Mlflow-Run-Id": ada.run}).status == 200

    assert seen(server, ada) == (ada.experiment, {"the first", "the second", "the third"}, [ada.assessment])
    assert linked(server, ada, ada.experiment) == {ada.trace}
    old: dict[str, Any] = {"timestamp_ms": 1, "request_metadata": [{"key": RUN, "value": ada.run}], "tags": []}
    begun = made(server, ada.user, "/api/2.0/mlflow/traces", experiment_id=ada.experiment, **old)["trace_info"]
    ended = say(server, ada.user, f"/api/2.0/mlflow/traces/{begun['request_id']}", "PATCH", status="OK", **old)
    assert ended.status == 200, ended.text
    gone = say(
        server,
        ada.user,
        "/api/3.0/mlflow/traces/delete-traces",
        experiment_id=ada.experiment,
        request_ids=[ada.trace],
    )
    assert gone.status == 200, gone.text


def test_a_trace_goes_through_two_experiments_of_ones_own(server: Running) -> None:
    """As two services make it, each with an experiment: which of them sends first is chance. MLflow 3.18 leaves a trace
    where it began."""
    one, two = owned(server, ADA), owned(server, ADA)

    assert log(server, two, "of the second service", one.otel).status == ELSEWHERE
    assert start(server, two, trace_metadata={RUN: one.run}).status == 200
    assert start(server, two, one.trace).status == ELSEWHERE
    assert seen(server, one)[0] == (one if SINCE_3_18 else two).experiment


def test_an_admin_is_not_asked(server: Running, ada: Owned) -> None:
    at_admins = owned(server, ADMIN)

    assert log(server, at_admins, "the admin's", ada.otel, **{"X-Mlflow-Run-Id": ada.run}).status == ELSEWHERE
    assert start(server, at_admins, trace_metadata={RUN: ada.run}).status == 200


def test_the_stock_client_traces_in_a_run(server: Running, ada: Owned) -> None:
    said = {"MLFLOW_TRACKING_USERNAME": ada.user[0], "MLFLOW_TRACKING_PASSWORD": ada.user[1]}
    for sent in ("true", "false"):
        environ = {**said, "MLFLOW_EXPERIMENT_ID": ada.experiment, "MLFLOW_ENABLE_ASYNC_TRACE_LOGGING": sent}
        told = as_user("trace", server.address, environ)

        assert told == {"spans": ["child", "parent"], "run": True, "assessments": ["good"], "tag": "x"}
