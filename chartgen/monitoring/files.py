"""The files that are made for monitoring: run `make generate`, CI compares.

charts/mlflow/monitoring/overview.json, tracking.json   dashboards, for the chart's ConfigMaps
charts/mlflow/monitoring/alerts.json                    alerts, of which the chart's template makes a PrometheusRule
docs/how-to/monitoring.md                               the table of alerts
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chartgen.monitoring.alerts import ALERTS, LIMITS
from chartgen.monitoring.dashboards import DASHBOARDS
from chartgen.monitoring.grafana import dashboard_json
from chartgen.monitoring.page import alerts_table
from chartgen.pages.markdown import between

if TYPE_CHECKING:
    from pathlib import Path


def files(root: Path) -> dict[Path, str]:
    """Every file under the checkout, with what it should hold."""
    chart, page = root / "charts" / "mlflow" / "monitoring", root / "docs" / "how-to" / "monitoring.md"
    return {
        **{chart / f"{name}.json": _written(dashboard_json(each)) for name, each in DASHBOARDS.items()},
        chart / "alerts.json": _written(alerts_json()),
        page: between(page.read_text(), "alerts", alerts_table()),
    }


def alerts_json() -> dict[str, Any]:
    """The alerts as the chart's template understands them."""
    alerts = [
        {
            "alert": each.name,
            "anchor": each.anchor,
            "ofBackups": each.of_backups,
            "severity": each.severity,
            "summary": each.summary,
            "description": each.description,
            "expr": each.expression,
            "for": each.lasting,
        }
        for each in ALERTS
    ]
    return {"limits": LIMITS, "alerts": alerts}


def _written(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1) + "\n"
