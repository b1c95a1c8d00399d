"""The generated dashboards, alerts and tables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from chartgen.monitoring.alerts import ALERTS
from chartgen.monitoring.dashboards import DASHBOARDS
from chartgen.monitoring.files import files
from chartgen.monitoring.grafana import dashboard_json

ROOT = Path(__file__).parents[4]


def test_the_generated_files_are_current() -> None:
    assert [str(path) for path, content in files(ROOT).items() if path.read_text() != content] == []


@pytest.mark.parametrize("name", DASHBOARDS)
def test_panels_lie_beside_each_other_in_the_24_columns_of_grafana(name: str) -> None:
    panels: list[dict[str, Any]] = dashboard_json(DASHBOARDS[name])["panels"]
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(cells) == len(set(cells))
    assert {x for x, _ in cells} == set(range(24))
    assert [panel["id"] for panel in panels] == list(range(1, len(panels) + 1))
    assert sum(len(row) for _, row in DASHBOARDS[name].rows) == len([each for each in panels if each["type"] != "row"])


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_every_alert_has_a_runbook(alert: Any) -> None:
    page = (ROOT / "docs" / "troubleshooting" / "runbooks.md").read_text()
    (section,) = re.findall(rf"^## {alert.name}\n(.+?)(?=^## |\Z)", page, re.M | re.S)

    for part in ("**What it means.**", "**Look.**", "**Mend.**"):
        assert part in section
    assert alert.anchor == alert.name.lower(), "what pages of Markdown call a heading"
