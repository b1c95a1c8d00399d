from __future__ import annotations

from typing import Any

import pytest

from flowship.tracking.requests.histories import get_metric_history, get_metric_history_bulk, get_sampled_history


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
