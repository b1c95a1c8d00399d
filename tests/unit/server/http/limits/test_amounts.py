from __future__ import annotations

import json
from typing import Any

import pytest

from flowship.server.http.limits.amounts import ALL, ENTRIES, NAMED, VALUES, excess

OBJECT = {"key": "k", "value": "v"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"metrics": [{"key": "m", "value": 1.0, "timestamp": 1, "step": 1, "run_id": "r"}] * ENTRIES},
        {"tags": {str(number): "" for number in range(ENTRIES)}},
        {"experiment_ids": ["1"] * VALUES},
        {"locations": [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "1"}}] * 8_000},
        {"parts": [{"part_number": 1, "etag": "e", "url": "u"}] * NAMED["parts"]},
        {"records": json.dumps([{"inputs": {"q": "?"}}] * NAMED["records"])},
        {"records": json.dumps([{"inputs": {"messages": [OBJECT] * 10}, "expectations": OBJECT}] * 5_000)},
        {"records": "no JSON", "tags": "[" * 100_000},
        {"trace": {"trace_info": {"tags": {"a": "1,2,3," * 100_000}}}},
    ],
)
def test_what_clients_send_is_enough(body: dict[str, Any]) -> None:
    assert excess(body) is None


@pytest.mark.parametrize(
    ("body", "where", "found", "most"),
    [
        ({"tags": [OBJECT] * (ENTRIES + 1)}, "tags", ENTRIES + 1, ENTRIES),
        ({"tags": json.dumps({str(number): 1 for number in range(2_000)})}, "tags", 2_000, ENTRIES),
        ({"experiment_ids": ["1"] * 20_000}, "experiment_ids", 20_000, VALUES),
        ({"records": json.dumps([{}] * 10_001)}, "records", 10_001, NAMED["records"]),
        ({"datasets": [OBJECT, {"tags": [OBJECT] * 5_000}]}, "datasets[1].tags", 5_000, ENTRIES),
        ({"trace": {"trace_info": {"assessments": [{}] * 5_000}}}, "trace.trace_info.assessments", 5_000, ENTRIES),
        ({str(number): 1 for number in range(2_000)}, "The request", 2_000, ENTRIES),
        ({"filters": ["trace.status = 'OK'"] * 51}, "filters", 51, 50),
        ({"variables": {"d": {"ids": [[1]] * 5_000}}}, "variables.d.ids", 5_000, ENTRIES),
    ],
)
def test_more_is_refused_with_its_path(body: dict[str, Any], where: str, found: int, most: int) -> None:
    assert excess(body) == (f"{where}: has {found} entries, and may have {most}. Send fewer at once.")


def test_many_short_lists_are_too_many_together() -> None:
    assert excess({"datasets": [{"tags": [OBJECT] * 900}] * 900}) == (
        f"The request has more than {ALL} entries in its lists and objects. Send less at once."
    )


def test_a_long_path_is_repeated_in_part() -> None:
    sentence = excess({"k" * 100_000: [OBJECT] * 5_000})

    assert sentence is not None
    assert len(sentence) < 300
