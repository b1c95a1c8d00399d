from __future__ import annotations

from typing import Any

import pytest

from flowship.tracking.requests.run_values import LARGEST, log_batch, log_metric, log_param, set_tag
from flowship.tracking.writing.writes import Point, Writes

POINT = {"key": "loss", "value": 0.5, "timestamp": 7, "step": 2}


@pytest.mark.parametrize(
    ("said", "point"),
    [
        ({}, Point("loss", 0.5, 7, 2, False)),
        ({"run_uuid": "r"}, Point("loss", 0.5, 7, 2, False)),
        ({"value": 3}, Point("loss", 3.0, 7, 2, False)),
        ({"value": "NaN"}, Point("loss", 0.0, 7, 2, True)),
        ({"value": "Infinity"}, Point("loss", LARGEST, 7, 2, False)),
        ({"value": "-Infinity"}, Point("loss", -LARGEST, 7, 2, False)),
        ({"step": -(2**63)}, Point("loss", 0.5, 7, -(2**63), False)),
    ],
)
def test_a_value_of_a_metric_is_read_as_it_is_kept(said: dict[str, Any], point: Point) -> None:
    assert log_metric({"run_id": "r", **POINT, **said}) == Writes("r", points=(point,))


def test_a_value_without_a_step_is_of_step_0() -> None:
    assert log_metric({"run_id": "r", "key": "loss", "value": 1, "timestamp": 0}) == Writes(
        "r", points=(Point("loss", 1.0, 0, 0, False),)
    )


@pytest.mark.parametrize(
    "said",
    [
        {"run_uuid": "other"},
        {"run_id": 7},
        {"run_id": ""},
        {"model_id": "m-1"},
        {"dataset_name": "d"},
        {"anything": None},
        {"key": None},
        {"key": ""},
        {"key": "a//b"},
        {"key": "x" * 251},
        {"key": "n\0"},
        {"value": None},
        {"value": True},
        {"value": "0.5"},
        {"value": 2**63},
        {"timestamp": -1},
        {"timestamp": 1.0},
        {"timestamp": 2**63},
        {"timestamp": True},
        {"timestamp": "7"},
        {"step": None},
        {"step": 0.5},
        {"step": 2**63},
    ],
)
def test_a_value_that_is_not_understood_whole_is_left_to_mlflow(said: dict[str, Any]) -> None:
    assert log_metric({"run_id": "r", **POINT, **said}) is None


@pytest.mark.parametrize("missing", ["run_id", "key", "value", "timestamp"])
def test_a_value_that_lacks_something_is_left_to_mlflow(missing: str) -> None:
    body = {"run_id": "r", **POINT}
    del body[missing]

    assert log_metric(body) is None


@pytest.mark.parametrize("limit", [6000])
def test_a_long_parameter_is_cut_as_mlflow_cuts_it(limit: int) -> None:
    assert log_param({"run_id": "r", "key": "p", "value": "v" * (limit + 1)}) == Writes(
        "r", params=(("p", "v" * limit),)
    )


@pytest.mark.parametrize(
    "said",
    [
        {"value": None},
        {"value": 1},
        {"key": "a//b"},
        {"key": "x" * 251},
        {"value": "n\0"},
        {"more": 1},
        {"run_id": None},
    ],
)
def test_a_parameter_that_is_not_understood_whole_is_left_to_mlflow(said: dict[str, Any]) -> None:
    assert log_param({"run_id": "r", "key": "p", "value": "v", **said}) is None


def test_a_tag_is_set_but_not_the_name_of_the_run() -> None:
    assert set_tag({"run_id": "r", "run_uuid": "r", "key": "t", "value": ""}) == Writes("r", tags=(("t", ""),))
    assert set_tag({"run_id": "r", "key": "mlflow.runName", "value": "n"}) is None


def test_a_batch_is_read_whole() -> None:
    batch = {
        "run_id": "r",
        "metrics": [POINT, POINT, {**POINT, "run_id": "r"}],
        "params": [{"key": "p", "value": "1"}, {"key": "q", "value": "2"}],
        "tags": [{"key": "t", "value": "1"}],
    }

    found = log_batch(batch)

    point = Point("loss", 0.5, 7, 2, False)
    assert found == Writes("r", (point, point, point), (("p", "1"), ("q", "2")), (("t", "1"),))
    assert found.rows == 6
    assert log_batch({"run_id": "r"}) == Writes("r")


@pytest.mark.parametrize(
    "said",
    [
        {"metrics": None},
        {"metrics": [POINT, {**POINT, "model_id": "m-1"}]},
        {"metrics": [{**POINT, "run_id": "other"}]},
        {"metrics": ["loss"]},
        {"metrics": [POINT] * 1001},
        {"params": [{"key": "p", "value": "1"}, {"key": "p", "value": "1"}]},
        {"tags": [{"key": "t", "value": "1"}, {"key": "t", "value": "2"}]},
        {"tags": [{"key": "mlflow.runName", "value": "1"}]},
        {"run_uuid": "r"},
    ],
)
def test_a_batch_of_which_one_thing_is_not_understood_is_left_to_mlflow(said: dict[str, Any]) -> None:
    assert log_batch({"run_id": "r", "metrics": [POINT], **said}) is None
