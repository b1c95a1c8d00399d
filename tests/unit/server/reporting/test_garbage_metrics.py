"""What the tracking database tells of the garbage that was collected, in metrics."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry

from flowship.database.url import sqlite_url
from flowship.garbage import record
from flowship.garbage.report import Note, Report, Thing
from flowship.server.reporting import metrics, own_metrics
from flowship.server.reporting.now_and_then import of_database
from tests.databases import tracking_at

if TYPE_CHECKING:
    from pathlib import Path

ENDED = datetime(2026, 1, 31, 4, 47, tzinfo=UTC)


def test_the_metrics_are_there_once_there_was_a_collection_and_add_up(tmp_path: Path) -> None:
    tracking = tracking_at(sqlite_url(tmp_path / "mlflow.db"))
    registry = CollectorRegistry()
    registry.register(metrics.Told(lambda: own_metrics.garbage(of_database(tracking, record.last).known)))
    assert b"flowship_garbage" not in metrics.render(registry)

    failed = [Note(kind="run", id="a", why="it is there")]
    report = Report(things=[Thing(kind="run", id="b", objects=1, bytes=5)], rows=7, failed=failed)
    record.remember(tracking.engine(), report, ENDED)
    record.remember(tracking.engine(), Report(rows=1), ENDED)
    told = metrics.render(registry).decode()

    assert f"flowship_garbage_last_collection_timestamp_seconds {ENDED.timestamp():.8e}" in told
    assert "flowship_garbage_last_failures 0.0" in told
    assert "flowship_garbage_freed_bytes 5.0" in told
    assert "flowship_garbage_removed_rows 8.0" in told
    last = record.last(tracking.engine())
    assert last is not None
    assert (last.bytes, last.rows, last.bytes_total, last.rows_total) == (0, 1, 5, 8)
