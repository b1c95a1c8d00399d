"""Metrics in Prometheus' format, summed over all workers and their successors.

The names `mlflow_*` are those of the exporter that `mlflow server --expose-prometheus` has, with the route added.
Each worker writes to files of its slot, which its successor goes on with, so that counters never fall and no files of
dead processes pile up. The files are in the directory that PROMETHEUS_MULTIPROC_DIR names, which must be set when this
module is imported.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import prometheus_client
from prometheus_client import Counter, Gauge, Histogram, multiprocess, values
from prometheus_client.core import CollectorRegistry, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.pool import ConnectionPoolEntry

CONTENT_TYPE = prometheus_client.CONTENT_TYPE_LATEST
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
HTTP_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Others are counted as one, since a client may send any word."""

_identity = "main"

values.ValueClass = values.MultiProcessValue(lambda: _identity)  # type: ignore[no-untyped-call]

REQUESTS = Counter("mlflow_http_request_total", "Requests that were answered.", ["method", "status"])
DURATION = Histogram(
    "mlflow_http_request_duration_seconds",
    "Time from a request's headers to the end of its response.",
    ["method", "route", "status", "hot"],
    buckets=BUCKETS,
)
EXCEPTIONS = Counter(
    "mlflow_http_request_exceptions_total", "Requests that ended by an exception.", ["method", "status"]
)
IN_PROGRESS = Gauge("flowship_requests_in_progress", "Requests being answered.", multiprocess_mode="livesum")
BUSY = Gauge("flowship_busy_workers", "Workers that answer a request.", multiprocess_mode="livesum")
STARTED = Counter("flowship_worker_starts_total", "Workers that were started, the first ones included.")
CONNECTIONS = Gauge(
    "flowship_database_connections",
    "Connections that workers hold to databases, in use and idle.",
    ["state"],
    multiprocess_mode="livesum",
)
AUTHENTICATIONS = Counter(
    "flowship_authentications_total", "Requests with credentials, by what they led to.", ["result"]
)

DIRECTORY_DOWN = Gauge(
    "flowship_directory_down", "1 while the LDAP directory does not answer a worker.", multiprocess_mode="livemax"
)


def use_slot(slot: int) -> None:
    """Write to this slot's files from now on; called in a worker, right after the fork."""
    global _identity
    _identity = str(slot)


def forget(slot: int) -> None:
    """Drop what a dead worker was doing; what it counted stays."""
    multiprocess.mark_process_dead(slot)  # type: ignore[no-untyped-call]


def request_ended(method: str, route: str, status: int, seconds: float, *, failed: bool, hot: bool = False) -> None:
    """Count a request that was answered, by MLflow or in front of it, `hot`."""
    method = method if method in HTTP_METHODS else "other"
    requests, duration = _of_requests(method, route, status, hot)
    requests.inc()
    duration.observe(seconds)
    if failed:
        EXCEPTIONS.labels(method, str(status)).inc()


@cache
def _of_requests(method: str, route: str, status: int, hot: bool) -> tuple[Counter, Histogram]:
    """Give what counts requests of one kind, which to look for takes longer than to count."""
    return (
        REQUESTS.labels(method, str(status)),
        DURATION.labels(method, route, str(status), str(hot).lower()),
    )


def count_authentication(result: str) -> None:
    """Count a request with credentials."""
    _of_authentications(result).inc()


@cache
def _of_authentications(result: str) -> Counter:
    return AUTHENTICATIONS.labels(result)


def watch_pools() -> None:
    """Count the connections of every pool that SQLAlchemy makes in this process from now on."""
    from sqlalchemy import event
    from sqlalchemy.pool import Pool

    idle, used = CONNECTIONS.labels("idle"), CONNECTIONS.labels("in_use")

    def connected(connection: object, entry: ConnectionPoolEntry) -> None:
        idle.inc()

    def taken(connection: object, entry: ConnectionPoolEntry, proxy: object) -> None:
        idle.dec()
        used.inc()

    def returned(connection: object, entry: ConnectionPoolEntry) -> None:
        used.dec()
        idle.inc()

    def closed(connection: object, entry: ConnectionPoolEntry | None) -> None:
        idle.dec()

    event.listen(Pool, "connect", connected)
    event.listen(Pool, "checkout", taken)
    event.listen(Pool, "checkin", returned)
    event.listen(Pool, "close", closed)


class BuildInfo(Collector):
    """The versions, as metrics that are always 1."""

    def __init__(self, versions: Mapping[str, str]) -> None:
        self._versions = versions

    def collect(self) -> Iterator[Metric]:
        yield _one("flowship_build_info", "Versions.", self._versions)
        yield _one("mlflow_exporter_info", "Version of the exporter.", {"version": self._versions["version"]})


class BackupTime(Collector):
    """When the last good backup was begun; nothing while there is none."""

    def __init__(self, last: Callable[[], datetime | None]) -> None:
        self._last = last

    def collect(self) -> Iterator[Metric]:
        if last := self._last():
            name = "flowship_backup_last_success_timestamp_seconds"
            yield GaugeMetricFamily(name, "When the last good backup was begun.", value=last.timestamp())


def _one(name: str, text: str, labels: Mapping[str, str]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=list(labels))
    family.add_metric(list(labels.values()), 1)
    return family


def registry(directory: Path, versions: Mapping[str, str]) -> CollectorRegistry:
    """Give the metrics of all workers, read from their files, and the versions."""
    found = CollectorRegistry()
    multiprocess.MultiProcessCollector(found, str(directory))  # type: ignore[no-untyped-call]
    found.register(BuildInfo(versions))
    return found


def render(found: CollectorRegistry) -> bytes:
    """Give the metrics as Prometheus reads them."""
    return prometheus_client.generate_latest(found)
