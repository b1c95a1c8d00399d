"""Dashboards and alerts: as objects, and by Prometheus' own `promtool`."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from chartgen.monitoring import panels
from chartgen.monitoring.alerts import ALERTS, LIMITS
from chartgen.monitoring.dashboards import DASHBOARDS
from tests.chart.alert_cases import promtool_tests
from tests.chart.rendering import SERVICE_MONITORS, rendered
from tests.effects import shows
from tests.integration.servers.process import find_program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.chart.conftest import Render

MONITORED = ("--api-versions", SERVICE_MONITORS)
WITH_ALL = {"prometheusRule": {"enabled": True}, "backup": {"enabled": True}}
TARGET = 'job="demo-mlflow", namespace="team-a"'


def filled(text: str, limits: Mapping[str, int]) -> str:
    """Put the labels of the target and limits in their places, as the chart's template does."""
    text = text.replace(panels.TARGET, TARGET)
    for name, number in limits.items():
        text = text.replace(f"${name}", str(number))
    return text


def rules(objects: Any) -> dict[str, dict[str, Any]]:
    """The rules by the name of their alert."""
    (group,) = objects.one("PrometheusRule")["spec"]["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


@shows(
    "metrics.dashboards.enabled",
    "metrics.dashboards.namespace",
    "metrics.dashboards.labels",
    "metrics.dashboards.annotations",
)
def test_dashboards_are_what_the_sidecar_of_grafana_looks_for(render: Render) -> None:
    assert not [each for each in render().of("ConfigMap") if "dashboard" in each["metadata"]["name"]]
    default = render({"metrics.dashboards.enabled": True})
    moved = render(
        {
            "metrics.dashboards": {
                "enabled": True,
                "namespace": "grafana",
                "labels": {"grafana_dashboard": None, "dashboards": "all"},
                "annotations": {"grafana_folder": "ML"},
            }
        }
    ).one("ConfigMap", "demo-mlflow-dashboard-tracking")
    overview = default.one("ConfigMap", "demo-mlflow-dashboard-overview")
    tracking = default.one("ConfigMap", "demo-mlflow-dashboard-tracking")

    assert overview["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert overview["metadata"]["annotations"] == {"grafana_folder": "MLflow"}
    assert overview["metadata"]["namespace"] == "team-a"
    assert json.loads(overview["data"]["flowship-overview.json"])["title"] == "MLflow / Overview"
    assert json.loads(tracking["data"]["flowship-tracking.json"])["uid"] == "flowship-tracking"
    assert moved["metadata"]["namespace"] == "grafana"
    assert moved["metadata"]["labels"]["dashboards"] == "all"
    assert "grafana_dashboard" not in moved["metadata"]["labels"]
    assert moved["metadata"]["annotations"] == {"grafana_folder": "ML"}


@shows(
    "prometheusRule.enabled",
    "prometheusRule.namespace",
    "prometheusRule.labels",
    "prometheusRule.alertLabels",
    "prometheusRule.runbookUrl",
    "prometheusRule.leftOut",
)
def test_alerts_are_of_this_release_and_say_where_to_read_on(render: Render) -> None:
    default = render(WITH_ALL, *MONITORED)
    changed = render(
        {
            "prometheusRule": {
                "enabled": True,
                "namespace": "monitoring",
                "labels": {"release": "mine"},
                "alertLabels": {"team": "ml"},
                "runbookUrl": "https://wiki.example.com/mlflow",
                "leftOut": ["FlowshipDown"],
            }
        },
        *MONITORED,
    )
    metadata, rule = changed.one("PrometheusRule")["metadata"], rules(changed)["FlowshipErrors"]

    assert list(rules(default)) == [alert.name for alert in ALERTS]
    assert default.one("PrometheusRule")["metadata"]["labels"]["release"] == "prometheus"
    assert default.one("PrometheusRule")["metadata"]["namespace"] == "team-a"
    assert all(each["expr"].count(TARGET) for each in rules(default).values())
    runbook = rules(default)["FlowshipDown"]["annotations"]["runbook_url"]
    assert runbook == "docs/troubleshooting/runbooks.md#flowshipdown"
    assert set(rules(default)) - set(rules(changed)) == {"FlowshipDown", "FlowshipBackupTooOld"}
    assert (metadata["namespace"], metadata["labels"]["release"]) == ("monitoring", "mine")
    assert rule["labels"] == {"severity": "critical", "team": "ml"}
    assert rule["annotations"]["runbook_url"] == "https://wiki.example.com/mlflow#flowshiperrors"


@shows(
    "prometheusRule.limits.errorPercent",
    "prometheusRule.limits.logBatchSeconds",
    "prometheusRule.limits.requestsPerWorker",
    "prometheusRule.limits.connectionsPercent",
    "prometheusRule.limits.failedLogInsPerMinute",
    "prometheusRule.limits.backupAgeHours",
    "prometheusRule.limits.diskPercent",
    "prometheusRule.limits.certificateDays",
    "prometheusRule.limits.restarts",
)
def test_limits_are_in_expressions_and_in_words_as_python_puts_them_there(render: Render) -> None:
    own = {name: 41 + number for number, name in enumerate(LIMITS)}
    for limits, given in ((LIMITS, {}), (own, {"prometheusRule.limits": own})):
        found = rules(render({**given, "prometheusRule.enabled": True, "backup.enabled": True}, *MONITORED))

        assert {name: rule["expr"] for name, rule in found.items()} == {
            alert.name: filled(alert.expression, limits) for alert in ALERTS
        }
        assert {name: rule["annotations"]["description"] for name, rule in found.items()} == {
            alert.name: filled(alert.description, limits) for alert in ALERTS
        }


def test_without_the_operator_no_alerts_are_rendered(render: Render) -> None:
    assert render({"prometheusRule.enabled": True}).of("PrometheusRule") == []


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The groups of the rendered PrometheusRule, as Prometheus itself reads them."""
    file = tmp_path_factory.mktemp("rules") / "rules.yaml"
    file.write_text(yaml.safe_dump(rendered(WITH_ALL, *MONITORED).one("PrometheusRule")["spec"]))
    return file


def promtool(*arguments: str) -> None:
    run = subprocess.run([find_program("promtool"), *arguments], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_prometheus_reads_the_alerts(written: Path) -> None:
    promtool("check", "rules", str(written))


def test_prometheus_reads_the_expression_of_every_panel(tmp_path: Path) -> None:
    expressions = [query.expression for each in DASHBOARDS.values() for panel in each.panels for query in panel.queries]
    recorded = [
        {"record": f"panel:{number}", "expr": filled(each, {}).replace("$__rate_interval", "1m")}
        for number, each in enumerate(expressions)
    ]
    file = tmp_path / "panels.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": recorded}]}))

    promtool("check", "rules", str(file))


def test_each_alert_is_raised_when_it_should_be_and_only_then(written: Path) -> None:
    groups = yaml.safe_load(written.read_text())["groups"]
    tests = [
        test
        for rule in groups[0]["rules"]
        for test in promtool_tests(rule["alert"], rule["annotations"], rule["labels"]["severity"])
    ]
    file = written.with_name("tests.yaml")
    file.write_text(yaml.safe_dump({"rule_files": [str(written)], "evaluation_interval": "1m", "tests": tests}))

    assert len(tests) > 2 * len(ALERTS)
    promtool("test", "rules", str(file))
