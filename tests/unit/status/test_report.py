from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from flowship.database.part import Part
from flowship.garbage.record import Collected
from flowship.status.report import (
    ArtifactsReport,
    DatabaseReport,
    ServerReport,
    Status,
    Versions,
    lines,
    shown_size,
)

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
VERSIONS = Versions(flowship="1.1.0", mlflow="3.17.2", python="3.13.1")


def test_the_report_is_one_screen_for_people() -> None:
    status = Status(
        versions=VERSIONS,
        server=ServerReport(since=NOW - timedelta(hours=5), workers=4, serving=3, jobs=True),
        databases=(
            DatabaseReport(
                part=Part.TRACKING,
                address="postgresql://db/mlflow",
                revision="a",
                wanted_revision="a",
                size=3 * 2**30,
                connections=7,
                most_connections=100,
            ),
            DatabaseReport(part=Part.AUTH, address="postgresql://db/users", revision="b", wanted_revision="c", size=9),
        ),
        artifacts=ArtifactsReport(address="file:///data", proxied=True, free=2**30, size=2**40),
        signing_in="basic",
        last_backup=NOW - timedelta(days=3),
        garbage=Collected(ended=NOW - timedelta(days=2), failed=1, bytes=3 * 2**20, rows=70),
    )

    assert list(lines(status, NOW)) == [
        ("Flowship", "1.1.0, with MLflow 3.17.2 on Python 3.13.1"),
        ("Server", "since 2026-11-30 07:00:00 UTC (5 hours ago), 3 of 4 workers serve, runs MLflow's jobs"),
        ("Tracking database", "postgresql://db/mlflow, revision a, 3.0 GiB, 7 of 100 connections"),
        ("Auth database", "postgresql://db/users, revision b, this MLflow's is c, 9 B"),
        ("Artifacts", "file:///data, through the server, 1.0 GiB free of 1.0 TiB"),
        ("Signing in", "basic"),
        ("Last backup", "2026-11-27 12:00:00 UTC (3 days ago)"),
        (
            "Garbage collected",
            "2026-11-28 12:00:00 UTC (2 days ago), 3.0 MiB and 70 rows freed; 1 could not be removed, "
            "flowship gc says why",
        ),
    ]


def test_what_is_not_known_is_left_out() -> None:
    status = Status(
        versions=VERSIONS, artifacts=ArtifactsReport(address="s3://bucket", proxied=False), signing_in="none"
    )

    assert list(lines(status, NOW))[1:] == [
        ("Artifacts", "s3://bucket, clients reach them directly"),
        ("Signing in", "none"),
        ("Last backup", "none is known"),
    ]


def test_a_flowship_is_healthy_when_nothing_is_wrong_with_any_part() -> None:
    well = Status(
        versions=VERSIONS, signing_in="none", server=ServerReport(since=NOW, workers=1, serving=1, jobs=False)
    )
    ill = well.model_copy(
        update={"databases": (DatabaseReport(part=Part.TRACKING, address="sqlite:///x", wrong="It is gone."),)}
    )

    assert (well.healthy, well.wrong) == (True, ())
    assert (ill.healthy, ill.wrong) == (False, ("It is gone.",))
    said = json.loads(ill.model_dump_json())
    assert (said["healthy"], said["wrong"]) == (False, ["It is gone."])
    assert Status.model_validate_json(ill.model_dump_json()) == ill


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (10 * 1024, "10 KiB"), (5 * 2**50, "5120 TiB")],
)
def test_sizes_are_in_units_of_kubernetes(size: int, text: str) -> None:
    assert shown_size(size) == text
