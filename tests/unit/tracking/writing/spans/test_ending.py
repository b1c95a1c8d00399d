"""What is said of a whole trace, written whether the trace is there or not, or left to MLflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, insert, select, update

from flowship.mlflow_seams.tracking.traces import tables as seam
from flowship.tracking.writing.spans.ending import EndedTrace, TraceWriter
from tests.unit.in_mlflow import with_tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::sqlalchemy.exc.SADeprecationWarning")
"""MLflow's own, when its store is imported."""

ROW = {"timestamp_ms": 1000, "execution_time_ms": 5, "status": "OK", "client_request_id": None}
SEEN = {"request_id": "t", "experiment_id": 1, "timestamp_ms": 7, "status": "IN_PROGRESS", "request_preview": "seen"}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """A database with MLflow's tables, an active experiment 1 and a deleted one 2."""
    engine, tables = create_engine(f"sqlite:///{with_tables(tmp_path)}/mlflow.db"), seam.trace_tables()
    with engine.begin() as connection:
        for number, stage in ((1, "active"), (2, "deleted")):
            named = {"name": f"e{number}", "lifecycle_stage": stage, "workspace": "default"}
            place = f"mlflow-artifacts:/{number}"
            connection.execute(
                insert(tables.experiments), {"experiment_id": number, "artifact_location": place, **named}
            )
        yield connection
    engine.dispose()


def ended(connection: Connection, experiment: int = 1) -> Any:
    trace = EndedTrace("t", experiment, ROW, {"a": "new", "b": "new"}, {seam.FINALIZED: "true"})
    found = TraceWriter(seam.trace_tables(), connection.dialect).end(connection, trace)
    return found and found["trace"]["trace_info"]


def row(connection: Connection) -> Any:
    return connection.execute(select(seam.trace_tables().infos)).mappings().one_or_none()


def begun(connection: Connection) -> None:
    tables = seam.trace_tables()
    connection.execute(insert(tables.infos), {**SEEN, "db_payload_generation": 3})
    for key, value in (("a", "old"), (seam.SPANS_LOCATION, seam.IN_DATABASE)):
        connection.execute(insert(tables.tags), {"request_id": "t", "key": key, "value": value})


def test_a_trace_that_is_not_there_is_made(connection: Connection) -> None:
    said = ended(connection)

    assert (said["state"], said["request_time"], said["execution_duration"]) == ("OK", "1970-01-01T00:00:01Z", "0.005s")
    assert said["tags"].keys() == {"a", "b", "mlflow.artifactLocation"}
    assert row(connection)["db_payload_generation"] == 0


def test_a_trace_that_is_there_is_changed_and_told_without_its_new_tags(connection: Connection) -> None:
    begun(connection)

    said = ended(connection)

    assert (said["state"], said["request_preview"]) == ("OK", "seen")
    assert said["tags"] == {"a": "new", seam.SPANS_LOCATION: seam.IN_DATABASE}
    assert row(connection)["db_payload_generation"] == 4
    kept = connection.execute(select(seam.trace_tables().tags.c.key)).scalars()
    assert {*kept} == {"a", "b", seam.SPANS_LOCATION, "mlflow.artifactLocation"}


def test_a_trace_that_is_elsewhere_is_left_alone(connection: Connection) -> None:
    begun(connection)
    tables = seam.trace_tables()
    connection.execute(update(tables.infos).values(experiment_id=2))
    assert ended(connection) is None

    connection.execute(update(tables.infos).values(experiment_id=1))
    connection.execute(update(tables.tags).where(tables.tags.c.key == seam.SPANS_LOCATION).values(value="ARCHIVE_REPO"))

    assert ended(connection) is None
    assert row(connection)["status"] == "IN_PROGRESS"


def test_an_experiment_that_is_deleted_or_unknown_gets_no_traces(connection: Connection) -> None:
    assert [ended(connection, 2), ended(connection, 3), row(connection)] == [None] * 3
