"""The alerts: few, each about something that a person must do; docs/troubleshooting/runbooks.md says what.

In expressions `$target` stands for the labels by which Prometheus tells this release from others, and a name such as
`$diskPercent` for that limit of `prometheusRule.limits`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from flowship.values.model.cluster.monitoring import AlertLimits

if TYPE_CHECKING:
    from flowship.values.model.cluster.monitoring import AlertName

BY_RELEASE = "by (namespace, job)"
"""All instances together."""


@dataclass(frozen=True)
class Alert:
    """What Prometheus watches for, and what it says."""

    name: AlertName
    severity: Literal["critical", "warning"]
    summary: str
    description: str
    expression: str
    lasting: str
    """How long it must be true."""
    of_backups: bool = False
    """Whether there is nothing to watch without `backup.enabled`."""

    @property
    def anchor(self) -> str:
        """Where its runbook begins in docs/troubleshooting/runbooks.md."""
        return self.name.lower()


def _rate(metric: str, window: str) -> str:
    return f"sum {BY_RELEASE} (rate({metric}[{window}]))"


_ERRORS = 'mlflow_http_request_total{$target, status=~"5.."}'
_LAST_BACKUP = f"max {BY_RELEASE} (flowship_backup_last_success_timestamp_seconds{{$target}})"

ALERTS = (
    Alert(
        "FlowshipDown",
        "critical",
        "MLflow is down",
        "No server of this release has been ready for 5 minutes: none is scraped, or each fails a check of /ready.",
        "absent(min by (namespace, job, instance) (flowship_ready{$target}) == 1)",
        "5m",
    ),
    Alert(
        "FlowshipErrors",
        "critical",
        "MLflow answers requests with errors",
        "{{ $value | printf `%.1f` }} % of requests were answered with a status of 500 or more, over $errorPercent %.",
        f"100 * {_rate(_ERRORS, '10m')} / {_rate('mlflow_http_request_total{$target}', '10m')} > $errorPercent\n"
        f"and sum {BY_RELEASE} (increase({_ERRORS}[10m])) > 5",
        "5m",
    ),
    Alert(
        "FlowshipLogBatchSlow",
        "warning",
        "Logging is slow",
        "One in a hundred log-batch requests takes {{ $value | printf `%.1f` }} s or more, over $logBatchSeconds s.",
        "histogram_quantile(0.99, sum by (namespace, job, le) (rate("
        'mlflow_http_request_duration_seconds_bucket{$target, route=~".*/runs/log-batch"}[10m]))) > $logBatchSeconds',
        "10m",
    ),
    Alert(
        "FlowshipSaturated",
        "warning",
        "Workers are saturated",
        "Each worker has {{ $value | printf `%.0f` }} requests at a time to answer, over $requestsPerWorker.",
        f"sum {BY_RELEASE} (avg_over_time(flowship_requests_in_progress{{$target}}[10m]))\n"
        f'/ sum {BY_RELEASE} (flowship_workers{{$target, state="serving"}} > 0) > $requestsPerWorker',
        "5m",
    ),
    Alert(
        "FlowshipConnectionsExhausted",
        "warning",
        "The database has few connections left",
        "{{ $value | printf `%.0f` }} % of the connections that the server of the {{ $labels.part }} database lets in "
        "are taken, over $connectionsPercent %.",
        "max by (namespace, job, part) (100 * flowship_database_server_connections{$target}\n"
        "/ flowship_database_server_connections_limit{$target}) > $connectionsPercent",
        "10m",
    ),
    Alert(
        "FlowshipLogInsFail",
        "warning",
        "Many log-ins fail",
        "{{ $value | printf `%.0f` }} log-ins a minute fail, over $failedLogInsPerMinute: somebody tries passwords, or "
        "a job has an old one.",
        '60 * sum by (namespace, job) (rate(flowship_authentications_total{$target, result=~"wrong|slowed"}[10m]))'
        " > $failedLogInsPerMinute",
        "5m",
    ),
    Alert(
        "FlowshipDirectoryAway",
        "critical",
        "Nobody can be verified",
        "The directory, identity provider or database of users does not answer: those who are not remembered cannot "
        "log in.",
        f"max {BY_RELEASE} (flowship_directory_down{{$target}}) == 1\n"
        f'or sum {BY_RELEASE} (increase(flowship_authentications_total{{$target, result="unavailable"}}[5m])) > 0',
        "5m",
    ),
    Alert(
        "FlowshipBackupTooOld",
        "critical",
        "There is no recent backup",
        "The last good backup is {{ $value | humanizeDuration }} old, over $backupAgeHours hours, or there is none "
        "since the server was started so long ago.",
        f"time() - {_LAST_BACKUP} > $backupAgeHours * 3600\n"
        f"or (time() - min {BY_RELEASE} (flowship_start_timestamp_seconds{{$target}}) > $backupAgeHours * 3600"
        f" unless {_LAST_BACKUP})",
        "15m",
        of_backups=True,
    ),
    Alert(
        "FlowshipDiskFull",
        "critical",
        "The disk is nearly full",
        "{{ $value | printf `%.0f` }} % of the file system of {{ $labels.directory }} are used, over $diskPercent %.",
        "100 * max by (namespace, job, directory) (1 - flowship_disk_free_bytes{$target}\n"
        "/ flowship_disk_size_bytes{$target}) > $diskPercent",
        "10m",
    ),
    Alert(
        "FlowshipCertificateEnds",
        "warning",
        "The certificate ends soon",
        "The certificate that the server was started with ends in {{ $value | humanizeDuration }}.",
        f"min {BY_RELEASE} (flowship_certificate_end_timestamp_seconds{{$target}}) - time() < $certificateDays * 86400",
        "1h",
    ),
    Alert(
        "FlowshipMigrationPending",
        "warning",
        "A database is not at the revision of this MLflow",
        "The {{ $labels.part }} database is at another revision than the one that this MLflow was made for.",
        "max by (namespace, job, part) (flowship_migration_pending{$target}) == 1",
        "15m",
    ),
    Alert(
        "FlowshipRestarts",
        "warning",
        "Workers or servers are lost again and again",
        "{{ $value | printf `%.0f` }} workers ended without being asked to within half an hour, or a server was "
        "started so often within an hour, over $restarts.",
        f"sum {BY_RELEASE} (increase(flowship_worker_losses_total{{$target}}[30m])) > $restarts\n"
        f"or max {BY_RELEASE} (changes(flowship_start_timestamp_seconds{{$target}}[1h])) > $restarts",
        "0m",
    ),
)

LIMITS: dict[str, int] = AlertLimits().model_dump()
