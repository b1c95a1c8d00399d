"""Every metric that a server tells: its name, its labels and what it means, as data.

`metrics.py` and its neighbours count by these, docs/reference/metrics.md lists them, and the dashboards and alerts that
`chartgen` makes can name no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Definition:
    """A metric, and what its labels may hold where that is a short list."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    text: str
    labels: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    """What its one label may hold."""


def _counter(name: str, text: str, *labels: str, choices: tuple[str, ...] = ()) -> Definition:
    return Definition(name, "counter", text, labels, choices)


def _gauge(name: str, text: str, *labels: str, choices: tuple[str, ...] = ()) -> Definition:
    return Definition(name, "gauge", text, labels, choices)


REQUESTS = _counter("mlflow_http_request_total", "Requests that were answered.", "method", "status")
DURATION = Definition(
    "mlflow_http_request_duration_seconds",
    "histogram",
    "Time from a request's headers to the end of its response; `hot` is `true` where the hot API answered.",
    ("method", "route", "status", "hot"),
)
EXCEPTIONS = _counter(
    "mlflow_http_request_exceptions_total", "Requests that ended by an exception.", "method", "status"
)
IN_PROGRESS = _gauge("flowship_requests_in_progress", "Requests being answered.")
BUSY = _gauge("flowship_busy_workers", "Workers that answer a request.")
WORKERS = _gauge(
    "flowship_workers", "Workers that there shall be, and those that serve.", "state", choices=("wanted", "serving")
)
STARTED = _counter("flowship_worker_starts_total", "Workers that were started, the first ones included.")
LOST = _counter(
    "flowship_worker_losses_total", "Workers that ended without being asked to: killed, out of memory, or hung."
)
READY = _gauge("flowship_ready", "1 for each check of `/ready` that is well, else 0.", "check")
UP_SINCE = _gauge("flowship_start_timestamp_seconds", "When the server was started.")
MEMORY = _gauge(
    "flowship_memory_bytes",
    "Memory of all processes of the server, shared pages counted once (PSS), once a minute; on Linux.",
)
CONNECTIONS = _gauge(
    "flowship_database_connections",
    "Connections that workers hold to databases, in use and idle.",
    "state",
    choices=("in_use", "idle"),
)
AUTHENTICATIONS = _counter(
    "flowship_authentications_total",
    "Requests with credentials, by what they led to; those that wait for a verification that runs are `cached`.",
    "result",
    choices=("cached", "verified", "wrong", "forbidden", "slowed", "unavailable"),
)
DIRECTORY_DOWN = _gauge("flowship_directory_down", "1 while the LDAP directory does not answer a worker.")
ARTIFACT_BYTES = _counter(
    "flowship_artifact_bytes_total",
    "Bytes of artifacts that the server has carried; what clients exchange with a store directly is not in it.",
    "direction",
    choices=("received", "sent"),
)
BACKUP = _gauge(
    "flowship_backup_last_success_timestamp_seconds",
    "When the last good backup was begun; missing while there is none.",
)
GARBAGE_TIME = _gauge(
    "flowship_garbage_last_collection_timestamp_seconds",
    "When garbage was last collected to the end; missing while that never was.",
)
GARBAGE_FAILED = _gauge("flowship_garbage_last_failures", "Things that the last collection could not remove.")
GARBAGE_BYTES = _gauge("flowship_garbage_freed_bytes", "Bytes of artifacts that all collections have freed.")
GARBAGE_ROWS = _gauge("flowship_garbage_removed_rows", "Rows that all collections have removed.")
CERTIFICATE = _gauge(
    "flowship_certificate_end_timestamp_seconds", "When the certificate ends that the server was started with."
)
DISK_FREE = _gauge(
    "flowship_disk_free_bytes", "Bytes free where the server keeps databases or artifacts in files.", "directory"
)
DISK_SIZE = _gauge("flowship_disk_size_bytes", "Bytes of that file system.", "directory")
DATABASE_SIZE = _gauge("flowship_database_size_bytes", "Bytes of a database on its disk.", "part")
SERVER_CONNECTIONS = _gauge(
    "flowship_database_server_connections", "Connections that anybody has to a database's server.", "part"
)
MOST_CONNECTIONS = _gauge(
    "flowship_database_server_connections_limit", "Connections that the database's server lets in.", "part"
)
MIGRATION_PENDING = _gauge(
    "flowship_migration_pending", "1 while a database is not at the revision of this MLflow, else 0.", "part"
)
EXPERIMENTS = _gauge("flowship_experiments", "Experiments.", "stage", choices=("active", "deleted"))
RUNS = _gauge("flowship_runs", "Runs.", "status", "stage")
ROWS = _gauge("flowship_rows", "Rows of a table of MLflow's, by the database's own estimate.", "table")
COLLECTED = _gauge(
    "flowship_domain_metrics_timestamp_seconds", "When the database was last asked for what is in it, with success."
)
COLLECTING = _gauge("flowship_domain_metrics_seconds", "Seconds that it took.")
BUILD = _gauge("flowship_build_info", "Versions, always 1.", "version", "mlflow", "python")
EXPORTER = _gauge("mlflow_exporter_info", "Version of the exporter, always 1.", "version")

DEFINITIONS: tuple[Definition, ...] = tuple(found for found in vars().values() if isinstance(found, Definition))
