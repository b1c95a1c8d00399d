"""Metrics in Prometheus' format, summed over all workers and their successors.

The names `mlflow_*` are those of the exporter that `mlflow server --expose-prometheus` has, with the route added.
Each worker writes to files of its slot, which its successor goes on with, so that counters never fall and no files of
dead processes pile up. The files are in the directory that PROMETHEUS_MULTIPROC_DIR names, which must be set when this
module is imported.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

import prometheus_client
from prometheus_client import Counter, Gauge, Histogram, multiprocess, values
from prometheus_client.core import CollectorRegistry, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from flowship.server.reporting import definitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy.pool import ConnectionPoolEntry

    from flowship.server.reporting.definitions import Definition

    Sample = tuple[Definition, Sequence[str], float]
    """A metric, what its labels hold, and its value."""

CONTENT_TYPE = prometheus_client.CONTENT_TYPE_LATEST
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
HTTP_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Others are counted as one, since a client may send any word."""

_identity = "main"

values.ValueClass = values.MultiProcessValue(lambda: _identity)  # type: ignore[no-untyped-call]


def _labelled(definition: Definition) -> tuple[str, str, tuple[str, ...]]:
    return definition.name, definition.text, definition.labels


REQUESTS = Counter(*_labelled(definitions.REQUESTS))
DURATION = Histogram(*_labelled(definitions.DURATION), buckets=BUCKETS)
EXCEPTIONS = Counter(*_labelled(definitions.EXCEPTIONS))
IN_PROGRESS = Gauge(*_labelled(definitions.IN_PROGRESS), multiprocess_mode="livesum")
BUSY = Gauge(*_labelled(definitions.BUSY), multiprocess_mode="livesum")
STARTED = Counter(*_labelled(definitions.STARTED))
LOST = Counter(*_labelled(definitions.LOST))
CONNECTIONS = Gauge(*_labelled(definitions.CONNECTIONS), multiprocess_mode="livesum")
AUTHENTICATIONS = Counter(*_labelled(definitions.AUTHENTICATIONS))
DIRECTORY_DOWN = Gauge(*_labelled(definitions.DIRECTORY_DOWN), multiprocess_mode="livemax")
ARTIFACT_BYTES = Counter(*_labelled(definitions.ARTIFACT_BYTES))


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


def count_artifact(direction: Literal["received", "sent"], size: int) -> None:
    """Count bytes of an artifact that were carried."""
    _of_artifacts(direction).inc(size)


@cache
def _of_artifacts(direction: str) -> Counter:
    return ARTIFACT_BYTES.labels(direction)


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


class Told(Collector):
    """Metrics that are asked for when they are told: the function gives the samples of one or several."""

    def __init__(self, samples: Callable[[], Iterable[Sample]]) -> None:
        self._samples = samples

    def collect(self) -> Iterator[Metric]:
        families: dict[Definition, GaugeMetricFamily] = {}
        for definition, labels, value in self._samples():
            family = families.setdefault(definition, _family(definition))
            family.add_metric(labels, value)
        yield from families.values()


def _family(definition: Definition) -> GaugeMetricFamily:
    return GaugeMetricFamily(definition.name, definition.text, labels=definition.labels)


def registry(directory: Path) -> CollectorRegistry:
    """Give the metrics of all workers, read from their files."""
    found = CollectorRegistry()
    multiprocess.MultiProcessCollector(found, str(directory))  # type: ignore[no-untyped-call]
    return found


def render(found: CollectorRegistry) -> bytes:
    """Give the metrics as Prometheus reads them."""
    return prometheus_client.generate_latest(found)
