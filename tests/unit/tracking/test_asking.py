from __future__ import annotations

from typing import Any

import pytest

from flowship.mlflow_seams.tracking.store import page_token
from flowship.tracking.asking import get_experiment, get_experiment_by_name, get_run, search_runs
from flowship.tracking.asking_histories import get_metric_history, get_metric_history_bulk, get_sampled_history


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ({"run_id": "r"}, True),
        ({"run_id": "r", "run_uuid": "r"}, True),
        ({"run_id": "r", "run_uuid": "s"}, False),
        ({"run_uuid": "r"}, False),
        ({"run_id": ""}, False),
        ({"run_id": "r", "runId": "s"}, False),
        ({}, False),
    ],
)
def test_a_run_is_asked_by_one_name(query: dict[str, str], understood: bool) -> None:
    assert (get_run(query) is not None) is understood


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ({}, True),
        ({"max_results": "25000"}, True),
        ({"max_results": "0"}, False),
        ({"max_results": "-1"}, False),
        ({"max_results": "01"}, False),
        ({"max_results": "1e3"}, False),
        ({"max_results": str(2**31)}, False),
        ({"max_results": "٣"}, False),
        ({"page_token": ""}, True),
        ({"page_token": "nonsense"}, False),
        ({"metric_key": ""}, False),
        ({"model_id": "m"}, False),
    ],
)
def test_a_history_is_asked_by_run_metric_and_page(query: dict[str, str], understood: bool) -> None:
    assert (get_metric_history({"run_id": "r", "metric_key": "loss", **query}) is not None) is understood


@pytest.mark.parametrize(
    ("number", "understood"),
    [("0", True), ("12", True), ("012", False), ("", False), ("-1", False), ("٣", False), ("9" * 19, False)],
)
def test_an_experiment_is_asked_by_the_one_spelling_of_its_number(number: str, understood: bool) -> None:
    assert (get_experiment({"experiment_id": number}) is not None) is understood
    assert get_experiment({"experiment_id": "1", "more": ""}) is None
    assert get_experiment({}) is None


def test_an_experiment_is_asked_by_its_name() -> None:
    assert get_experiment_by_name({"experiment_name": "ä"}) is not None
    assert get_experiment_by_name({"experiment_name": ""}) is None
    assert get_experiment_by_name({"experiment_name": "a", "experiment_id": "1"}) is None
    assert get_experiment_by_name({}) is None


@pytest.mark.parametrize(
    ("body", "understood"),
    [
        ({}, True),
        ({"experiment_ids": ["0", "12"], "filter": "metrics.a > 1", "order_by": ["start_time"]}, True),
        ({"run_view_type": "ALL", "max_results": 50_000, "page_token": page_token(3)}, True),
        ({"experiment_ids": [0]}, False),
        ({"experiment_ids": "0"}, False),
        ({"experiment_ids": ["00"]}, False),
        ({"experiment_ids": ["9" * 19]}, False),
        ({"experimentIds": ["0"]}, False),
        ({"filter": None}, False),
        ({"order_by": "start_time"}, False),
        ({"order_by": [1]}, False),
        ({"run_view_type": 1}, False),
        ({"run_view_type": "all"}, False),
        ({"run_view_type": []}, False),
        ({"max_results": 0}, False),
        ({"max_results": 50_001}, False),
        ({"max_results": "5"}, False),
        ({"max_results": True}, False),
        ({"page_token": "nonsense"}, False),
        ({"page_token": 1}, False),
    ],
)
def test_a_search_is_asked_in_the_types_of_its_fields(body: dict[str, Any], understood: bool) -> None:
    assert (search_runs(body) is not None) is understood


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ({"run_id": ["r", "s", "r"], "metric_key": "loss"}, True),
        ({"run_id": ["r"], "metric_key": "loss", "max_results": "30000"}, True),
        ({"run_id": ["r"], "metric_key": "loss", "max_results": "0"}, False),
        ({"run_id": ["r"], "metric_key": ""}, False),
        ({"run_id": ["r"] * 101, "metric_key": "loss"}, False),
        ({"metric_key": "loss"}, False),
        ({"run_id": ["r"], "metric_key": "loss", "more": ""}, False),
    ],
)
def test_histories_of_several_runs_are_asked_by_run_and_metric(query: dict[str, Any], understood: bool) -> None:
    assert (get_metric_history_bulk(query) is not None) is understood


@pytest.mark.parametrize(
    ("more", "understood"),
    [
        ({}, True),
        ({"max_results": "2500"}, True),
        ({"max_results": "2501"}, False),
        ({"start_step": "0", "end_step": "0"}, True),
        ({"start_step": "2", "end_step": "1"}, False),
        ({"start_step": "2"}, False),
        ({"end_step": "2"}, False),
        ({"start_step": "-1", "end_step": "1"}, False),
        ({"start_step": "0", "end_step": "2147483648"}, False),
        ({"run_ids": ["r"] * 101}, False),
        ({"run_ids": []}, False),
        ({"run_id": "r"}, False),
    ],
)
def test_sampled_histories_are_asked_between_steps(more: dict[str, Any], understood: bool) -> None:
    asked = get_sampled_history({"run_ids": ["r"], "metric_key": "loss", **more})

    assert (asked is not None) is understood
