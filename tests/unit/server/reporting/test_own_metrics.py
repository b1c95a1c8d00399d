"""What a server tells of itself at each scrape."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import trustme
from prometheus_client import CollectorRegistry

from flowship.database.url import sqlite_url
from flowship.garbage import record
from flowship.garbage.report import Note, Thing
from flowship.garbage.report import Report as Collected
from flowship.server.reporting import definitions, metrics, own_metrics
from flowship.server.reporting.memory import memory
from flowship.server.reporting.now_and_then import of_database
from flowship.server.reporting.readiness import Report
from flowship.server.reporting.state import SharedState
from flowship.status.looking import versions
from tests.databases import tracking_at

if TYPE_CHECKING:
    from pathlib import Path

    from flowship.server.reporting.definitions import Definition
    from flowship.server.reporting.metrics import Sample

SINCE = datetime(2026, 11, 30, 12, tzinfo=UTC)


def told(samples: list[Sample]) -> dict[tuple[Definition, tuple[str, ...]], float]:
    return {(definition, tuple(labels)): value for definition, labels, value in samples}


def test_processes_tell_workers_start_and_memory() -> None:
    state = SharedState(2)
    state.set_serving(0, True)
    used = memory(os.getpid())
    assert used.known() is None
    assert used.thread is not None
    used.thread.join()
    found = told(list(own_metrics.processes(state, 2, SINCE, used)))

    assert found[definitions.WORKERS, ("wanted",)] == 2
    assert found[definitions.WORKERS, ("serving",)] == 1
    assert found[definitions.UP_SINCE, ()] == SINCE.timestamp()
    assert found[definitions.MEMORY, ()] > 2**20


@pytest.mark.parametrize(("finding", "told_as"), [("ok", 1), ("db refuses connections", 0)])
def test_readiness_tells_each_check(finding: str, told_as: float) -> None:
    report = Report({"database": finding, "workers": "ok"})

    assert told(list(own_metrics.readiness(report))) == {
        (definitions.READY, ("database",)): told_as,
        (definitions.READY, ("workers",)): 1,
    }


def test_the_end_of_a_certificate_is_that_of_the_one_that_the_server_was_started_with(tmp_path: Path) -> None:
    end, file = datetime.now(UTC).replace(microsecond=0) + timedelta(days=20), tmp_path / "tls.crt"
    authority = trustme.CA()
    authority.issue_cert("flowship.example.com", not_after=end).cert_chain_pems[0].write_to_path(file)
    tell = own_metrics.certificate(file)
    file.unlink()

    assert told(list(tell())) == {(definitions.CERTIFICATE, ()): end.timestamp()}
    assert list(own_metrics.certificate(None)()) == []


def test_a_file_system_is_told_once_and_a_directory_that_is_not_made_yet_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "artifacts").mkdir()
    found = told(list(own_metrics.disks([tmp_path, tmp_path / "artifacts", tmp_path / "later"])))

    assert set(found) == {(each, (str(tmp_path),)) for each in (definitions.DISK_FREE, definitions.DISK_SIZE)}
    assert found[definitions.DISK_SIZE, (str(tmp_path),)] == shutil.disk_usage(tmp_path).total


def test_all_are_told_as_prometheus_reads_them() -> None:
    registry = CollectorRegistry()
    registry.register(metrics.Told(own_metrics.versions(versions())))

    assert metrics.render(registry).count(b"# TYPE") == 2
    assert b'mlflow_exporter_info{version="' in metrics.render(registry)


def test_every_metric_that_is_counted_is_defined() -> None:
    counted = [each for each in vars(metrics).values() if hasattr(each, "describe") and not isinstance(each, type)]
    names = {definition.name.removesuffix("_total") for definition in definitions.DEFINITIONS}

    assert len(counted) > 8
    assert {each._name for each in counted} <= names


def test_the_metrics_of_garbage_are_there_once_there_was_a_collection_and_add_up(tmp_path: Path) -> None:
    ended = datetime(2026, 1, 31, 4, 47, tzinfo=UTC)
    tracking = tracking_at(sqlite_url(tmp_path / "mlflow.db"))
    registry = CollectorRegistry()
    registry.register(metrics.Told(lambda: own_metrics.garbage(of_database(tracking, record.last).known)))
    assert b"flowship_garbage" not in metrics.render(registry)

    failed = [Note(kind="run", id="a", why="it is there")]
    report = Collected(things=[Thing(kind="run", id="b", objects=1, bytes=5)], rows=7, failed=failed)
    record.remember(tracking.engine(), report, ended)
    record.remember(tracking.engine(), Collected(rows=1), ended)
    told = metrics.render(registry).decode()

    assert f"flowship_garbage_last_collection_timestamp_seconds {ended.timestamp():.8e}" in told
    assert "flowship_garbage_last_failures 0.0" in told
    assert "flowship_garbage_freed_bytes 5.0" in told
    assert "flowship_garbage_removed_rows 8.0" in told
    last = record.last(tracking.engine())
    assert last is not None
    assert (last.bytes, last.rows, last.bytes_total, last.rows_total) == (0, 1, 5, 8)
