"""What is in the databases, as metrics of the inner port."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.database.part import Part
from flowship.database.url import sqlite_url
from flowship.server.reporting import definitions
from flowship.server.reporting.domain import AGAIN, EVERY, SHARE, DomainMetrics, of_counts, of_database
from flowship.status.counting import Counts
from flowship.status.report import DatabaseReport
from tests.databases import tracking_at
from tests.unit.server.reporting.test_own_metrics import told

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_counted_is_told() -> None:
    counts = Counts({"active": 3}, {("RUNNING", "active"): 2, ("FAILED", "deleted"): 1}, {"metrics": 70})

    assert told(list(of_counts(counts))) == {
        (definitions.EXPERIMENTS, ("active",)): 3,
        (definitions.RUNS, ("RUNNING", "active")): 2,
        (definitions.RUNS, ("FAILED", "deleted")): 1,
        (definitions.ROWS, ("metrics",)): 70,
    }


@pytest.mark.parametrize(("revision", "pending"), [("b", 0), ("a", 1), (None, 1)])
def test_a_database_tells_whether_a_migration_is_pending(revision: str | None, pending: float) -> None:
    report = DatabaseReport(
        part=Part.TRACKING, address="x", revision=revision, wanted_revision="b", size=5, connections=2
    )

    assert told(list(of_database(report))) == {
        (definitions.DATABASE_SIZE, ("tracking",)): 5,
        (definitions.SERVER_CONNECTIONS, ("tracking",)): 2,
        (definitions.MIGRATION_PENDING, ("tracking",)): pending,
    }


def test_a_database_that_does_not_answer_tells_nothing_and_is_asked_again_soon(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    domain = DomainMetrics([tracking_at(sqlite_url(tmp_path / "none" / "mlflow.db"))])

    assert domain.look() == AGAIN
    assert list(domain.samples()) == []
    assert caplog.messages == ["the domain metrics could not be counted: OperationalError"]


def test_pauses_are_long_beside_what_a_look_took(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 60.0])
    monkeypatch.setattr("flowship.server.reporting.domain.time.monotonic", lambda: next(times))
    monkeypatch.setattr("flowship.server.reporting.domain.count", lambda engine: Counts({}, {}, {}))
    monkeypatch.setattr(
        "flowship.server.reporting.domain.look_at_database",
        lambda each: DatabaseReport(part=Part.TRACKING, address="x"),
    )

    assert DomainMetrics([tracking_at(sqlite_url(tmp_path / "mlflow.db"))]).look() == SHARE * 60 > EVERY
