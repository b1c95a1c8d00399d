"""What `flowship import-values` prints, as Helm reads it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from flowship.importing.conversion import imported
from flowship.importing.recognition import CHARTS
from tests.unit.importing.charts import FILES, every_key

if TYPE_CHECKING:
    from tests.chart.conftest import Render


@pytest.mark.parametrize("chart", CHARTS)
def test_the_values_of_each_chart_render_and_reach_the_pods(render: Render, chart: str) -> None:
    own = dict(imported(CHARTS[chart], every_key(chart)).values)
    file = ("--values", str(FILES / f"{chart}.imported.yaml"), "--set", "postgresql.enabled=false")

    objects = render({}, *file)

    ports = [
        port["port"] for each in objects.of("Service") for port in each["spec"]["ports"] if port["name"] != "metrics"
    ]
    assert ports == [own["service"]["port"]]
    read = json.loads(objects.pod_file)
    for key in ("extraArgs", "extraFlags", "allowedHosts", "corsAllowedOrigins"):
        assert read[key] == own.get(key, read[key])
