from __future__ import annotations

from typing import Any

import pytest

from flowship.mlflow_seams.tracking.paging import page_token
from flowship.tracking.requests.runs import get_run, search_runs


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
