"""What the tracking database is asked now and then: its backups."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry

from flowship.backup import record
from flowship.backup.manifest import Manifest
from flowship.database.url import sqlite_url
from flowship.server.reporting import metrics, own_metrics
from flowship.server.reporting.now_and_then import FRESH, of_database
from tests.databases import tracking_at
from tests.unit.auth.clock import Clock

if TYPE_CHECKING:
    from pathlib import Path

BEGUN = datetime(2026, 1, 31, 3, 17, tzinfo=UTC)


def manifest(time: datetime) -> Manifest:
    return Manifest(name="any", time=time, flowship="1", mlflow="3", databases={})


def test_the_last_one_is_known_and_newer_ones_after_a_while(tmp_path: Path) -> None:
    tracking, clock = tracking_at(sqlite_url(tmp_path / "mlflow.db")), Clock()
    last = of_database(tracking, record.last, clock)
    assert last.known() is None

    record.remember(tracking, manifest(BEGUN))
    assert last.known() is None
    clock.now += FRESH + 1
    last.known()
    assert last.thread is not None
    last.thread.join(10)
    assert last.known() == BEGUN


def test_what_was_known_stays_while_the_database_does_not_answer(tmp_path: Path) -> None:
    tracking, clock = tracking_at(sqlite_url(tmp_path / "mlflow.db")), Clock()
    record.remember(tracking, manifest(BEGUN))
    last = of_database(tracking, record.last, clock)
    assert last.known() == BEGUN

    (tmp_path / "mlflow.db").write_text("no database" * 100)
    clock.now += FRESH + 1
    last.known()
    assert last.thread is not None
    last.thread.join(10)
    assert last.known() == BEGUN


def test_the_metric_is_there_once_there_is_a_backup() -> None:
    times: list[datetime | None] = [None, BEGUN]
    registry = CollectorRegistry()
    registry.register(metrics.Told(partial(own_metrics.backup, lambda: times.pop(0))))

    assert b"flowship_backup" not in metrics.render(registry)
    assert b"flowship_backup_last_success_timestamp_seconds 1.76982942e+09" in metrics.render(registry)
