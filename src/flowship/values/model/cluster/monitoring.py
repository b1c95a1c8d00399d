"""What is made for those who watch the servers: dashboards for Grafana, alerts for Prometheus."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from flowship.values.model.cluster.exposure import NAMESPACE
from flowship.values.model.fields.section import Section

Percent = Annotated[int, Field(ge=1, le=100)]
Number = Annotated[int, Field(ge=1, le=100_000)]

AlertName = Literal[
    "FlowshipDown",
    "FlowshipErrors",
    "FlowshipLogBatchSlow",
    "FlowshipSaturated",
    "FlowshipConnectionsExhausted",
    "FlowshipLogInsFail",
    "FlowshipDirectoryAway",
    "FlowshipBackupTooOld",
    "FlowshipDiskFull",
    "FlowshipCertificateEnds",
    "FlowshipMigrationPending",
    "FlowshipRestarts",
]


class Dashboards(Section):
    """Dashboards as ConfigMaps, which the sidecar of Grafana in kube-prometheus-stack reads. They have a choice of
    releases, so one release's are enough for all."""

    enabled: bool = False
    """Create them."""
    namespace: Annotated[str, NAMESPACE] = ""
    """Their namespace; the release's when empty."""
    labels: dict[str, str] = Field(default_factory=lambda: {"grafana_dashboard": "1"})
    """Labels by which the sidecar finds them."""
    annotations: dict[str, str] = Field(default_factory=lambda: {"grafana_folder": "MLflow"})
    """Annotations, such as the one that names the folder."""


class Metrics(Section):
    """What is made of the metrics."""

    dashboards: Dashboards = Dashboards()


class AlertLimits(Section):
    """Limits over which alerts are raised."""

    errorPercent: Percent = 1
    """Of requests that are answered with a status of 500 or more."""
    logBatchSeconds: Number = 5
    """Seconds that 99 of 100 requests `log-batch` may take."""
    requestsPerWorker: Number = 20
    """Requests that each worker may have to answer at a time."""
    connectionsPercent: Percent = 85
    """Of the connections that a database's server lets in."""
    failedLogInsPerMinute: Number = 30
    """Log-ins that may fail a minute."""
    backupAgeHours: Number = 36
    """Hours that the last good backup may be old; for another `backup.schedule` than a daily one, its pause and some
    hours more."""
    diskPercent: Percent = 85
    """Of a file system on which databases or artifacts are."""
    certificateDays: Number = 14
    """Days before its end that a certificate should have been renewed."""
    restarts: Number = 2
    """Workers that may be lost in half an hour, and starts of a server in an hour."""


class PrometheusRule(Section):
    """Alerts as a PrometheusRule for the Prometheus operator. They need the metrics: `serviceMonitor.enabled`."""

    enabled: bool = False
    """Create a PrometheusRule."""
    namespace: Annotated[str, NAMESPACE] = ""
    """Its namespace; the release's when empty."""
    labels: dict[str, str] = Field(default_factory=lambda: {"release": "prometheus"})
    """Labels by which your Prometheus selects PrometheusRules."""
    alertLabels: dict[str, str] = Field(default_factory=dict)
    """Labels of each alert besides `severity`, such as a team's."""
    runbookUrl: str = "docs/troubleshooting/runbooks.md"
    """Address of the page of runbooks; each alert's `runbook_url` adds `#` and its own section. The default is the
    page's place in Flowship's repository: write the address at which your people read it."""
    leftOut: list[AlertName] = Field(default_factory=list)
    """Alerts that are not wanted."""
    limits: AlertLimits = AlertLimits()
