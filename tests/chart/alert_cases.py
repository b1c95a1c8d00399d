"""For each alert: series with which it is raised, and the change with which it is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chartgen.monitoring.alerts import ALERTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TARGET = 'namespace="team-a", job="demo-mlflow"'
ELSEWHERE = 'namespace="team-b", job="demo-mlflow"'

Series = dict[str, str]
"""For each series its values, one a minute, as promtool writes them."""


@dataclass(frozen=True)
class Case:
    """What promtool is told, and expected to find."""

    alert: str
    raised: Series
    well: Series
    """In place of some of those."""
    value: str = ""
    """What the description shows of it."""
    labels: Mapping[str, str] = field(default_factory=dict)
    minutes: int = 60


def series(name: str, labels: str = "", *, target: str = TARGET) -> str:
    """Name a series of the first server."""
    return f'{name}{{{target}, instance="10.0.0.1:9000"{", " if labels else ""}{labels}}}'


READY = series("flowship_ready", 'check="database"')
REQUESTS = series("mlflow_http_request_total", 'status="200", method="GET"')
ERRORS = series("mlflow_http_request_total", 'status="500", method="GET"')
PROGRESS = series("flowship_requests_in_progress")
SERVING = series("flowship_workers", 'state="serving"')
USED, LIMIT = (series(f"flowship_database_server_connections{end}", 'part="tracking"') for end in ("", "_limit"))
WRONG, AWAY = (series("flowship_authentications_total", f'result="{result}"') for result in ("wrong", "unavailable"))
DOWN = series("flowship_directory_down")
BACKUP = series("flowship_backup_last_success_timestamp_seconds")
STARTED = series("flowship_start_timestamp_seconds")
FREE, SIZE = (series(f"flowship_disk_{what}_bytes", 'directory="/data"') for what in ("free", "size"))
END = series("flowship_certificate_end_timestamp_seconds")
PENDING = series("flowship_migration_pending", 'part="tracking"')
LOST = series("flowship_worker_losses_total")


def buckets(fast: str, slow: str) -> Series:
    """Requests that took at most 1 second, and those that took at most 10."""
    of_route = 'route="/api/2.0/mlflow/runs/log-batch", method="POST", status="200", hot="true"'
    name = "mlflow_http_request_duration_seconds_bucket"
    return {series(name, f'{of_route}, le="{le}"'): each for le, each in {"1": fast, "10": slow, "+Inf": slow}.items()}


CASES = (
    Case("FlowshipDown", {READY: "0x60"}, {READY: "1x60"}),
    Case("FlowshipDown", {}, {READY: "1x60", series("flowship_ready", 'check="database"', target=ELSEWHERE): "0x60"}),
    Case("FlowshipErrors", {REQUESTS: "0+98x60", ERRORS: "0+2x60"}, {ERRORS: "0+0.5x60"}, value="2.0"),
    Case("FlowshipLogBatchSlow", buckets("0+80x60", "0+100x60"), buckets("0+100x60", "0+100x60"), value="9.6"),
    Case("FlowshipSaturated", {PROGRESS: "100x60", SERVING: "4x60"}, {PROGRESS: "60x60"}, value="25"),
    Case(
        "FlowshipConnectionsExhausted",
        {USED: "95x60", LIMIT: "100x60"},
        {USED: "80x60"},
        value="95",
        labels={"part": "tracking"},
    ),
    Case("FlowshipLogInsFail", {WRONG: "0+60x60"}, {WRONG: "0+20x60"}, value="60"),
    Case("FlowshipDirectoryAway", {DOWN: "1x60"}, {DOWN: "0x60"}),
    Case("FlowshipDirectoryAway", {AWAY: "0+1x60"}, {AWAY: "5x60"}),
    Case("FlowshipBackupTooOld", {BACKUP: "0x2400"}, {BACKUP: "7200x2400"}, value="1d 13h 0m 0s", minutes=37 * 60),
    Case(
        "FlowshipBackupTooOld",
        {STARTED: "0x2400"},
        {STARTED: "0x2400", BACKUP: "7200x2400"},
        value="1d 13h 0m 0s",
        minutes=37 * 60,
    ),
    Case(
        "FlowshipDiskFull",
        {FREE: "10x60", SIZE: "100x60"},
        {FREE: "20x60"},
        value="90",
        labels={"directory": "/data"},
    ),
    Case("FlowshipCertificateEnds", {END: "435600x120"}, {END: "1987200x120"}, value="5d 0h 0m 0s", minutes=60),
    Case("FlowshipMigrationPending", {PENDING: "1x60"}, {PENDING: "0x60"}, labels={"part": "tracking"}),
    Case("FlowshipRestarts", {LOST: "0x30 4x30"}, {LOST: "0x30 1x30"}, value="4", minutes=50),
    Case("FlowshipRestarts", {STARTED: "1x10 2x10 3x10 4x30"}, {STARTED: "1x60"}, value="3", minutes=50),
)


def promtool_tests(alert: str, annotations: Mapping[str, str], severity: str) -> Iterator[dict[str, object]]:
    """Give the tests of one alert, whose annotations have these templates."""
    for case in (case for case in CASES if case.alert == alert):
        for given, raised in ((case.raised, True), ({**case.raised, **case.well}, False)):
            yield {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in given.items()],
                "alert_rule_test": [
                    {
                        "eval_time": f"{case.minutes}m",
                        "alertname": alert,
                        "exp_alerts": [_expected(case, annotations, severity)] if raised else [],
                    }
                ],
            }


def _expected(case: Case, annotations: Mapping[str, str], severity: str) -> dict[str, object]:
    said = {name: _said(text, case) for name, text in annotations.items()}
    target = {} if case.alert == "FlowshipDown" else {"namespace": "team-a", "job": "demo-mlflow"}
    return {"exp_labels": {"severity": severity, **target, **case.labels}, "exp_annotations": said}


def _said(text: str, case: Case) -> str:
    """Put the value and the labels where the template has them."""
    begin, *rest = text.split("{{ ")
    for part in rest:
        template, after = part.split(" }}", 1)
        label = template.removeprefix("$labels.")
        begin += (case.labels[label] if label != template else case.value) + after
    return begin


assert {case.alert for case in CASES} == {alert.name for alert in ALERTS}
