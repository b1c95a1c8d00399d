from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from flowship.mlflow_seams.tracking.traces import ends as seam
from flowship.tracking.requests.trace_ends import MOST, end_trace

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from flowship.tracking.requests.run_changes import Change
    from flowship.tracking.writing.spans.ending import EndedTrace
    from flowship.tracking.writing.writers import Writers

TRACE: dict[str, Any] = {
    "trace_id": "tr-1",
    "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "7"}},
    "request_time": "1970-01-01T00:00:01.234Z",
    "state": "OK",
}


@pytest.fixture(autouse=True)
def columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow's store, which takes seconds to import, says nothing of tags and metadata."""
    monkeypatch.setattr(seam, "columns", lambda tags, metadata: {})
    monkeypatch.setattr(seam, "kept_metadata", dict)


def asked(**said: Any) -> Change | None:
    info = {name: value for name, value in {**TRACE, **said}.items() if value is not ...}
    return end_trace({"trace": {"trace_info": info}})


def wanted(change: Change | None) -> EndedTrace:
    assert change is not None
    said: list[EndedTrace] = []
    writer = SimpleNamespace(end=lambda connection, trace: said.append(trace))
    change.make(cast("Connection", None), cast("Writers", SimpleNamespace(traces=writer)))
    return said[0]


def test_what_is_said_of_a_trace_is_read() -> None:
    said = {"execution_duration": "0.020s", "request_preview": "q", "tags": {"mlflow.traceName": "n", "a": "b"}}

    trace = wanted(asked(**said, trace_metadata={"c": "d"}))

    row = {"timestamp_ms": 1234, "execution_time_ms": 20, "status": "OK", "client_request_id": None}
    assert trace == ("tr-1", 7, {**row, "request_preview": "q"}, {"a": "b"}, {"c": "d"})


def test_a_trace_of_which_little_is_said_is_read() -> None:
    assert wanted(asked()).columns["execution_time_ms"] is None


def test_who_may_say_it_is_asked_about_the_run_too() -> None:
    given: list[tuple[str, str]] = []

    def may_end_trace(experiment_id: str, run_id: str) -> bool:
        given.append((experiment_id, run_id))
        return True

    sender: Any = SimpleNamespace(may_end_trace=may_end_trace)
    change = asked(trace_metadata={"mlflow.sourceRun": "r"})

    assert change is not None
    assert change.may(sender)
    assert given == [("7", "r")]


@pytest.mark.parametrize(
    "odd",
    [
        {"trace_id": ...},
        {"trace_id": ""},
        {"trace_id": "t" * 51},
        {"trace_location": {"mlflow_experiment": {"experiment_id": "07"}}},
        {"trace_location": {"inference_table": {"full_table_name": "t"}}},
        {"request_time": ...},
        {"request_time": 1},
        {"request_time": "1970-01-01T00:00:01+01:00"},
        {"request_time": "1970-01-01T00:00:01.2Z"},
        {"request_time": "1970-13-01T00:00:01Z"},
        {"request_time": "1969-12-31T23:59:59Z"},
        {"execution_duration": "-1s"},
        {"execution_duration": "1"},
        {"execution_duration": None},
        {"state": ...},
        {"state": 1},
        {"state": "DONE"},
        {"client_request_id": None},
        {"client_request_id": "c" * 51},
        {"request_preview": "x" * 1001},
        {"response_preview": "\0"},
        {"tags": {"a": 1}},
        {"tags": [{"key": "a", "value": "b"}]},
        {"tags": {"a": "\0"}},
        {"tags": {"mlflow.artifactLocation": "elsewhere"}},
        {"tags": {"mlflow.trace.spansLocation": "TRACKING_STORE"}},
        {"trace_metadata": {str(number): "" for number in range(MOST + 1)}},
        {"trace_metadata": {"k" * 251: "a"}},
        {"assessments": []},
        {"request": "{}"},
    ],
)
def test_what_is_not_understood_is_left_to_mlflow(odd: dict[str, Any]) -> None:
    assert asked(**odd) is None


@pytest.mark.parametrize("body", [{}, {"trace": {}}, {"trace": []}, {"trace": {"trace_info": TRACE, "spans": []}}])
def test_a_body_that_says_something_else_is_left_to_mlflow(body: dict[str, Any]) -> None:
    assert end_trace(body) is None


def test_what_mlflow_refuses_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seam, "columns", lambda tags, metadata: None)

    assert asked() is None
