"""Traces as a search tells them: when, how long, and what is not told to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, insert

from flowship.mlflow_seams.tracking.traces.tables import trace_tables
from flowship.tracking.reading.searches import Wanted
from flowship.tracking.reading.trace_search import TraceSearch
from flowship.tracking.reading.traces import DURATIONS, MOMENTS, Hidden, duration, moment
from tests.unit.in_mlflow import with_tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")
"""What SQLAlchemy says of MLflow's models when the first statement is made of them."""

TRACE = {"experiment_id": 1, "timestamp_ms": 5, "status": "OK", "db_payload_generation": 1}
ASSESSMENT = {
    **{"assessment_id": "a-1", "trace_id": "t1", "name": "good", "assessment_type": "feedback", "value": "true"},
    **{"created_timestamp": 5, "last_updated_timestamp": 5, "is_numeric_value": False, "source_type": "HUMAN"},
    "valid": True,
}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """A database with two traces, of which the first has everything."""
    engine, tables = create_engine(f"sqlite:///{with_tables(tmp_path) / 'mlflow.db'}"), trace_tables()
    with engine.connect() as connection:
        for trace in ("t1", "t2"):
            connection.execute(insert(tables.infos), {**TRACE, "request_id": trace})
        connection.execute(insert(tables.tags), {"request_id": "t1", "key": "k", "value": "v"})
        connection.execute(insert(tables.metadata), {"request_id": "t1", "key": "mlflow.sourceRun", "value": "r"})
        connection.execute(insert(tables.assessments), ASSESSMENT)
        yield connection
    engine.dispose()


ALL = Hidden()


def found(connection: Connection, hidden: Hidden = ALL, limit: int = 5) -> Any:
    search = TraceSearch(trace_tables(), connection.dialect)
    return search.read(connection, Wanted("", ()), [1], 0, limit, hidden)


def test_traces_are_told_with_what_belongs_to_them(connection: Connection) -> None:
    first, second = found(connection)["traces"]

    assert second == {
        "trace_id": "t2",
        "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "1"}},
        "request_time": "1970-01-01T00:00:00.005Z",
        "state": "OK",
    }
    assert (first["tags"], first["trace_metadata"]) == ({"k": "v"}, {"mlflow.sourceRun": "r"})
    assert [(each["assessment_id"], each["feedback"]) for each in first["assessments"]] == [("a-1", {"value": True})]


def test_what_is_hidden_is_not_told(connection: Connection) -> None:
    first, _ = found(connection, Hidden(frozenset({"1"}), frozenset({"mlflow.sourceRun"})))["traces"]

    assert first.keys().isdisjoint({"assessments", "trace_metadata"})
    assert "tags" in first


def test_a_page_that_is_full_is_told_with_the_next(connection: Connection) -> None:
    page = found(connection, limit=1)

    assert [trace["trace_id"] for trace in page["traces"]] == ["t1"]
    assert page["next_page_token"]


@pytest.mark.parametrize(
    "odd", [{"status": "DONE"}, {"timestamp_ms": -1}, {"timestamp_ms": MOMENTS.stop}, {"execution_time_ms": -1}]
)
def test_what_mlflow_writes_otherwise_is_left_to_it(connection: Connection, odd: dict[str, Any]) -> None:
    connection.execute(trace_tables().infos.update(), odd)

    assert found(connection) is None


@pytest.mark.parametrize("milliseconds", [0, 1, 999, 1_000, 1_700_000_000_123, MOMENTS[-1]])
def test_moments_and_durations_are_written_as_protobuf_does(milliseconds: int) -> None:
    from google.protobuf.duration_pb2 import Duration
    from google.protobuf.timestamp_pb2 import Timestamp

    there, long = Timestamp(), Duration()
    there.FromMilliseconds(milliseconds)
    long.FromMilliseconds(milliseconds)

    assert (moment(milliseconds), duration(milliseconds)) == (there.ToJsonString(), long.ToJsonString())
    assert milliseconds in DURATIONS
