from __future__ import annotations

from typing import Any

import pytest

from flowship.mlflow_seams.tracking.paging import page_token
from flowship.tracking.requests.traces import MOST_PLACES, search_traces


def at(number: object, **more: object) -> dict[str, Any]:
    return {"mlflow_experiment": {"experiment_id": number}, **more}


@pytest.mark.parametrize(
    ("body", "understood"),
    [
        ({"locations": [at("0")]}, True),
        ({"locations": [at("1", type="MLFLOW_EXPERIMENT"), at("1"), at("12")]}, True),
        ({"locations": [at("0")], "filter": "tags.a = 'b'", "order_by": ["status"], "max_results": 500}, True),
        ({"locations": [at("0")], "page_token": page_token(3), "max_results": 1}, True),
        ({}, False),
        ({"locations": []}, False),
        ({"locations": at("0")}, False),
        ({"locations": ["0"]}, False),
        ({"locations": [at("0")] * (MOST_PLACES + 1)}, False),
        ({"locations": [at("00")]}, False),
        ({"locations": [at(0)]}, False),
        ({"locations": [at("")]}, False),
        ({"locations": [at("0", type=1)]}, False),
        ({"locations": [at("0", type="INFERENCE_TABLE")]}, False),
        ({"locations": [at("0", inference_table={"full_table_name": "a"})]}, False),
        ({"locations": [{"mlflowExperiment": {"experimentId": "0"}}]}, False),
        ({"locations": [{"mlflow_experiment": {"experiment_id": "0", "more": 1}}]}, False),
        ({"locations": [{"mlflow_experiment": "0"}]}, False),
        ({"locations": [{"type": "MLFLOW_EXPERIMENT"}]}, False),
        ({"locations": [at("0")], "filter": None}, False),
        ({"locations": [at("0")], "order_by": "status"}, False),
        ({"locations": [at("0")], "order_by": [1]}, False),
        ({"locations": [at("0")], "max_results": 0}, False),
        ({"locations": [at("0")], "max_results": 501}, False),
        ({"locations": [at("0")], "max_results": "5"}, False),
        ({"locations": [at("0")], "max_results": None}, False),
        ({"locations": [at("0")], "max_results": True}, False),
        ({"locations": [at("0")], "page_token": "nonsense"}, False),
        ({"locations": [at("0")], "page_token": 1}, False),
        ({"locations": [at("0")], "experiment_ids": ["0"]}, False),
    ],
)
def test_a_search_is_asked_in_the_types_of_its_fields(body: dict[str, Any], understood: bool) -> None:
    assert (search_traces(body) is not None) is understood
