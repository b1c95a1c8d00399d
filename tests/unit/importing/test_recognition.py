from __future__ import annotations

from typing import Any

import pytest

from flowship.errors import ValuesError
from flowship.importing.recognition import CHARTS, recognised
from tests.unit.importing.charts import DEFAULTS, every_key
from tests.unit.values.cases import nested

ASKED = "Say for which chart it was written: --from 0.16.5, 1.11.5 or official."


@pytest.mark.parametrize("chart", ["1.11.5", "official"])
def test_a_chart_is_recognised_by_its_keys(chart: str) -> None:
    assert recognised(every_key(chart), "v.yaml") is CHARTS[chart]
    assert recognised(nested(DEFAULTS[chart]), "v.yaml") is CHARTS[chart]


@pytest.mark.parametrize(
    ("data", "chart"),
    [
        ({"mlflow": {"backendStoreUri": "sqlite://"}}, "official"),
        ({"server": {"value_options": {"workers": 2}}, "typo": 1}, "official"),
        ({"serverAllowedHosts": ["a"], "auth": {"enabled": True}}, "1.11.5"),
    ],
)
def test_a_few_keys_are_enough(data: dict[str, Any], chart: str) -> None:
    assert recognised(data, "v.yaml") is CHARTS[chart]


@pytest.mark.parametrize(
    ("data", "titles"),
    [
        (every_key("0.16.5"), "chart mlflow 0.16.5 and chart mlflow 1.11.5"),
        ({"replicaCount": 2}, "chart mlflow 0.16.5, chart mlflow 1.11.5 and MLflow's official chart"),
        ({}, "chart mlflow 0.16.5, chart mlflow 1.11.5 and MLflow's official chart"),
    ],
)
def test_keys_that_several_charts_have_are_refused_with_the_question(data: dict[str, Any], titles: str) -> None:
    with pytest.raises(ValuesError) as error:
        recognised(data, "v.yaml")

    assert error.value.findings == (f"v.yaml: its keys belong to {titles} alike. {ASKED}",)


def test_the_values_of_something_else_are_refused() -> None:
    with pytest.raises(ValuesError) as error:
        recognised({"tracking": {"enabled": True}, "run": {"enabled": True}, "replicaCount": 1}, "v.yaml")

    assert error.value.findings == (f"v.yaml: most of its keys belong to no chart that can be imported. {ASKED}",)
