from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from flowship.tracking.requests.run_changes import MOST_TAGS, create_run, update_run
from flowship.tracking.writing.runs import NewRun, RunChanges

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from flowship.tracking.requests.run_changes import Change
    from flowship.tracking.writing.writers import Writers

NAME = {"key": "mlflow.runName", "value": "one"}
TAG = {"key": "t", "value": ""}


class Wanted:
    """Keeps what it is asked to write."""

    def __init__(self) -> None:
        self.said: tuple[Any, ...] = ()

    def create(self, connection: Any, *wanted: Any) -> None:
        self.said = wanted

    change = create


def wanted(change: Change | None) -> tuple[Any, ...]:
    assert change is not None
    writer = Wanted()
    change.make(cast("Connection", None), cast("Writers", SimpleNamespace(runs=writer)))
    return writer.said


@pytest.mark.parametrize(
    ("said", "run"),
    [
        ({"run_name": "one"}, NewRun(1, "one", "", 0, (("mlflow.runName", "one"),))),
        ({"tags": [NAME]}, NewRun(1, "one", "", 0, (("mlflow.runName", "one"),))),
        ({"tags": [NAME, TAG]}, NewRun(1, "one", "", 0, (("mlflow.runName", "one"), ("t", "")))),
        (
            {"run_name": "one", "tags": [TAG, NAME], "user_id": "ada", "start_time": 7},
            NewRun(1, "one", "ada", 7, (("t", ""), ("mlflow.runName", "one"))),
        ),
        ({"run_name": "one", "tags": [TAG]}, NewRun(1, "one", "", 0, (("t", ""), ("mlflow.runName", "one")))),
    ],
)
def test_a_run_is_made_of_what_is_said(said: dict[str, Any], run: NewRun) -> None:
    assert wanted(create_run({"experiment_id": "1", **said})) == (run,)


def test_a_run_without_a_name_is_given_one() -> None:
    (run,) = wanted(create_run({"experiment_id": "1"}))

    assert run.name
    assert run.tags == (("mlflow.runName", run.name),)


@pytest.mark.parametrize(
    "said",
    [
        {"experiment_id": ""},
        {"experiment_id": "01"},
        {"experiment_id": 1},
        {"experiment_id": str(2**31)},
        {"user_id": None},
        {"user_id": "u" * 257},
        {"start_time": "7"},
        {"start_time": 2**63},
        {"start_time": True},
        {"run_name": "n" * 251},
        {"run_name": "n\0"},
        {"run_name": "two", "tags": [NAME]},
        {"tags": [{"key": "mlflow.runName", "value": ""}]},
        {"tags": [TAG, TAG]},
        {"tags": [{"key": "t"}]},
        {"tags": [{**TAG, "odd": 1}]},
        {"tags": [{"key": "t", "value": 1}]},
        {"tags": [{"key": "t", "value": "v" * 8001}]},
        {"tags": [{"key": "t\0", "value": ""}]},
        {"tags": [{"key": f"t{number}", "value": ""} for number in range(MOST_TAGS + 1)]},
        {"tags": {"t": ""}},
        {"artifact_uri": "file:/etc"},
        {"odd": 1},
    ],
)
def test_a_new_run_that_is_not_understood_whole_is_left_to_mlflow(said: dict[str, Any]) -> None:
    assert create_run({"experiment_id": "1", **said}) is None


@pytest.mark.parametrize(
    ("said", "changes", "columns"),
    [
        ({}, RunChanges(None, None, ""), {}),
        ({"run_uuid": "r"}, RunChanges(None, None, ""), {}),
        ({"run_name": ""}, RunChanges(None, None, ""), {}),
        ({"end_time": 0}, RunChanges(None, 0, ""), {"end_time": 0}),
        (
            {"status": "FAILED", "end_time": -1, "run_name": "two"},
            RunChanges("FAILED", -1, "two"),
            {"status": "FAILED", "end_time": -1, "name": "two"},
        ),
    ],
)
def test_a_run_is_changed_in_what_is_said(said: dict[str, Any], changes: RunChanges, columns: dict[str, Any]) -> None:
    assert wanted(update_run({"run_id": "r", **said})) == ("r", changes)
    assert changes.of_columns() == columns


@pytest.mark.parametrize(
    "said",
    [
        {"run_id": ""},
        {"run_id": 7},
        {"run_uuid": "other"},
        {"status": "DONE"},
        {"status": 3},
        {"status": None},
        {"status": []},
        {"end_time": "7"},
        {"end_time": 2**63},
        {"end_time": None},
        {"run_name": None},
        {"run_name": "n" * 251},
        {"lifecycle_stage": "deleted"},
    ],
)
def test_a_change_that_is_not_understood_whole_is_left_to_mlflow(said: dict[str, Any]) -> None:
    assert update_run({"run_id": "r", **said}) is None
