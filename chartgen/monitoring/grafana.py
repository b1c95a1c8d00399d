"""A dashboard as Grafana 9 and newer reads it from JSON.

Plain data: the SDK of Grafana's makers would be a dependency of many thousand lines, for three kinds of panels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.monitoring.panels import TARGET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.monitoring.panels import Dashboard, Panel

SCHEMA = 39
"""Of Grafana 10 and 11; newer ones carry it over when they read it."""

OF_VARIABLES = 'job=~"$job", namespace=~"$namespace"'
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH = 24
STAT, LINES = (4, 4), (8, 8)
"""Width and height."""


def dashboard_json(dashboard: Dashboard) -> dict[str, Any]:
    """Give the dashboard's JSON."""
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.text,
        "tags": ["mlflow", "flowship"],
        "schemaVersion": SCHEMA,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": list(_variables(dashboard))},
        "panels": list(_panels(dashboard)),
    }


def _variables(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    yield {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}
    yield _choice("namespace", "Namespace", "label_values(flowship_build_info, namespace)")
    yield _choice("job", "Job", 'label_values(flowship_build_info{namespace=~"$namespace"}, job)')
    if any("$route" in query.expression for panel in dashboard.panels for query in panel.queries):
        metric = f"mlflow_http_request_duration_seconds_count{{{OF_VARIABLES}}}"
        yield _choice("route", "Route", f"label_values({metric}, route)")


def _choice(name: str, label: str, query: str) -> dict[str, Any]:
    """A variable of which all, or several values may be chosen; `.*` is right where there is no such label, too."""
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
    }


_UNUSED_COLOURS = {"exponent": 0.5, "fill": "dark-orange", "reverse": False}
"""What Grafana's schema asks for, whichever mode there is."""


def _panels(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    number, y = 0, 0
    for title, panels in dashboard.rows:
        number += 1
        yield {
            "id": number,
            "type": "row",
            "title": title,
            "collapsed": False,
            "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": 1},
            "panels": [],
        }
        x, y, height = 0, y + 1, 0
        for panel in panels:
            number += 1
            width, own = STAT if panel.kind == "stat" else LINES
            if x + width > WIDTH:
                x, y, height = 0, y + height, 0
            yield _panel(panel, number, {"x": x, "y": y, "w": width, "h": own})
            x, height = x + width, max(height, own)
        y += height


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.text,
        "gridPos": place,
        "datasource": SOURCE,
        "targets": list(_targets(panel)),
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _options(panel),
    }


def _targets(panel: Panel) -> Iterator[dict[str, Any]]:
    for letter, query in zip("ABCDEFGH", panel.queries, strict=False):
        yield {
            "refId": letter,
            "datasource": SOURCE,
            "expr": query.expression.replace(TARGET, OF_VARIABLES),
            "legendFormat": query.legend or "__auto",
            "format": "heatmap" if panel.kind == "heatmap" else "time_series",
            "instant": panel.kind == "stat",
            "range": panel.kind != "stat",
        }


def _defaults(panel: Panel) -> dict[str, Any]:
    found: dict[str, Any] = {"unit": panel.unit, "min": 0}
    if panel.most is not None:
        found["max"] = panel.most
    if panel.kind == "stat":
        first, *rest = panel.steps or ((0, "text"),)
        steps = [{"value": None, "color": first[1]}, *({"value": value, "color": color} for value, color in rest)]
        found["thresholds"] = {"mode": "absolute", "steps": steps}
        found["color"] = {"mode": "thresholds"}
    if panel.kind == "timeseries":
        found["custom"] = {
            "drawStyle": "line",
            "lineWidth": 1,
            "fillOpacity": 25 if panel.stacked else 5,
            "showPoints": "never",
            "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
        }
    return found


def _options(panel: Panel) -> dict[str, Any]:
    match panel.kind:
        case "stat":
            return {
                "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
                "colorMode": "value",
                "graphMode": "none",
                "textMode": "name" if panel.by_name else "auto",
                "justifyMode": "auto",
                "orientation": "auto",
                "percentChangeColorMode": "standard",
                "showPercentChange": False,
                "wideLayout": True,
            }
        case "heatmap":
            return {
                "calculate": False,
                "color": {"mode": "scheme", "scheme": "Oranges", "steps": 64} | _UNUSED_COLOURS,
                "yAxis": {"unit": panel.unit, "axisPlacement": "left"},
                "cellGap": 1,
                "tooltip": {"mode": "single", "yHistogram": False, "showColorScale": False},
                "legend": {"show": True},
                "exemplars": {"color": "rgba(255,0,255,0.7)"},
                "filterValues": {"le": 1e-9},
                "rowsFrame": {"layout": "auto"},
                "showValue": "never",
            }
        case _:
            return {
                "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
                "tooltip": {"mode": "multi", "sort": "desc"},
            }
