from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from sqlalchemy import create_engine, event, insert, select, update
from sqlalchemy.exc import OperationalError

from flowship.database.served.connections import Connections
from flowship.mlflow_seams.tracking.traces import spans as seam
from flowship.mlflow_seams.tracking.traces.tables import SPANS_LOCATION
from flowship.tracking.writing.spans.committing import SpanCommitting, SpanWrites
from tests.unit.in_mlflow import with_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from flowship.mlflow_seams.tracking.traces.tables import TraceTables


pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::sqlalchemy.exc.SADeprecationWarning")
"""MLflow's own, when its store is imported."""


@pytest.fixture
def engine(tmp_path: Path, trace_tables: TraceTables) -> Iterator[Engine]:
    """A database with MLflow's tables, an active experiment 1 and a deleted one 2."""
    engine = create_engine(f"sqlite:///{with_tables(tmp_path)}/mlflow.db")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = ON"))
    with engine.begin() as connection:
        for number, stage in ((1, "active"), (2, "deleted")):
            connection.execute(insert(trace_tables.experiments), experiment(number, stage))
    yield engine
    engine.dispose()


@pytest.fixture
def committing(engine: Engine, trace_tables: TraceTables) -> SpanCommitting:
    return SpanCommitting(Connections(engine), trace_tables)


def experiment(number: int, stage: str) -> dict[str, Any]:
    place = f"mlflow-artifacts:/{number}"
    named = {"name": f"e{number}", "lifecycle_stage": stage, "workspace": "default"}
    return {"experiment_id": number, "artifact_location": place, **named}


def sent(trace: str, *spans: str, experiment: int = 1, **said: Any) -> SpanWrites:
    """Spans of one trace, of which the first is the root; what they say is said of it."""
    from mlflow.entities.span import Span
    from mlflow.tracing.utils.otlp import _set_otel_proto_anyvalue
    from opentelemetry.proto.trace.v1.trace_pb2 import Span as Protobuf

    made = []
    for span_id in spans:
        protobuf = Protobuf(
            trace_id=bytes.fromhex(trace.zfill(32)),
            span_id=bytes.fromhex(span_id.zfill(16)),
            parent_span_id=b"" if span_id == spans[0] else bytes.fromhex(spans[0].zfill(16)),
            name=span_id,
            start_time_unix_nano=said.get("start", 2) * 10**9,
            end_time_unix_nano=said.get("end", 3) * 10**9,
        )
        if span_id == spans[0]:
            for key, value in said.get("attributes", {}).items():
                _set_otel_proto_anyvalue(protobuf.attributes.add(key=key).value, value)
        made.append(Span.from_otel_proto(protobuf))
    return SpanWrites(experiment, tuple(seam.read_spans(made)))


def name_of(trace: str) -> str:
    return f"tr-{trace.zfill(32)}"


def infos(engine: Engine, tables: TraceTables) -> dict[str, Any]:
    with engine.connect() as connection:
        return {row["request_id"]: dict(row) for row in connection.execute(select(tables.infos)).mappings()}


USAGE = {"mlflow.chat.tokenUsage": {"input_tokens": 2, "output_tokens": 1, "total_tokens": 3}}


def test_a_group_is_written_together(committing: SpanCommitting, engine: Engine, trace_tables: TraceTables) -> None:
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)

    assert committing.commit([sent("a", "1", "2"), sent("b", "1", attributes=USAGE)]) == [True, True]

    assert len(commits) == 1
    found = infos(engine, trace_tables)
    assert {name: (row["status"], row["timestamp_ms"], row["total_tokens"]) for name, row in found.items()} == {
        name_of("a"): ("OK", 2000, None),
        name_of("b"): ("OK", 2000, 3),
    }
    with engine.connect() as connection:
        spans = connection.execute(select(trace_tables.spans.c.trace_id, trace_tables.spans.c.span_id)).all()
        tags = connection.execute(select(trace_tables.tags.c.key).distinct()).scalars().all()
    assert len(spans) == 3
    assert set(tags) == {"mlflow.artifactLocation", SPANS_LOCATION}


def test_a_trace_that_comes_twice_is_written_one_after_the_other(
    committing: SpanCommitting, engine: Engine, trace_tables: TraceTables
) -> None:
    group = [
        sent("a", "1", attributes=USAGE),
        sent("b", "1"),
        sent("a", "2", start=1, end=9, attributes=USAGE),
        sent("b", "2", end=1),
    ]

    assert committing.commit(group) == [True] * 4

    found = infos(engine, trace_tables)
    row = found[name_of("a")]
    assert (row["timestamp_ms"], row["execution_time_ms"]) == (1000, 8000)
    assert (row["total_tokens"], row["db_payload_generation"]) == (6, 2)
    assert (found[name_of("b")]["execution_time_ms"], found[name_of("b")]["db_payload_generation"]) == (1000, 2)


def test_what_is_not_understood_is_left_alone(
    committing: SpanCommitting, engine: Engine, trace_tables: TraceTables
) -> None:
    assert committing.commit([sent("a", "1"), sent("b", "1")]) == [True, True]
    with engine.begin() as connection:
        tags = trace_tables.tags
        archived = (tags.c.request_id == name_of("b")) & (tags.c.key == SPANS_LOCATION)
        connection.execute(update(tags).where(archived).values(value="ARCHIVE_REPO"))
        connection.execute(insert(trace_tables.experiments), experiment(3, "active"))
    before = infos(engine, trace_tables)

    group = [
        sent("a", "2", experiment=3),
        sent("b", "2"),
        sent("c", "1", experiment=2),
        sent("d", "1", experiment=9),
        sent("e", "1"),
    ]
    assert committing.commit(group) == [False, False, False, False, True]

    after = infos(engine, trace_tables)
    assert after.pop(name_of("e"))
    assert after == before


def test_one_that_the_database_does_not_take_harms_no_other(
    committing: SpanCommitting, engine: Engine, trace_tables: TraceTables
) -> None:
    group = [sent("a", "1"), sent("b", "1", start=2**64 // 10**9), sent("c", "1")]

    assert committing.commit(group) == [True, False, True]
    assert infos(engine, trace_tables).keys() == {name_of("a"), name_of("c")}


def test_a_database_that_is_away_is_asked_once(committing: SpanCommitting, engine: Engine) -> None:
    asked: list[str] = []

    def away(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        asked.append(statement)
        raise OperationalError(statement, {}, Exception("away"))

    event.listen(engine, "before_cursor_execute", away)

    assert committing.commit([sent("a", "1"), sent("b", "1")]) == [False, False]
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("connection to server failed: Connection timed out", 1),
        ("server closed the connection unexpectedly", 2),  # as after it was started again: a new one may do
    ],
)
def test_postgresql_that_is_away_is_waited_for_once(trace_tables: TraceTables, words: str, asked: int) -> None:
    attempts: list[str] = []

    def connect() -> Any:
        attempts.append(words)
        raise psycopg2.OperationalError(words)

    engine = create_engine("postgresql+psycopg2://", creator=connect, _initialize=False)
    committing = SpanCommitting(Connections(engine), trace_tables)
    committing._places = {1: "mlflow-artifacts:/1"}

    assert committing.commit([sent("a", "1"), sent("b", "1")]) == [False, False]
    assert len(attempts) == asked


def test_a_transaction_that_is_ended_for_another_is_begun_again(
    committing: SpanCommitting, engine: Engine, trace_tables: TraceTables
) -> None:
    ended: list[str] = []

    def end(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        if statement.startswith("INSERT INTO spans") and not ended:
            ended.append(statement)
            raise OperationalError(statement, {}, ValueError(1213, "Deadlock found when trying to get lock"))

    event.listen(engine, "before_cursor_execute", end)

    assert committing.commit([sent("a", "1"), sent("b", "1")]) == [True, True]
    assert ended
    assert infos(engine, trace_tables).keys() == {name_of("a"), name_of("b")}


def test_spans_are_written_to_a_file_in_turn(committing: SpanCommitting, engine: Engine) -> None:
    assert committing.commit([sent("a", "1")]) == [True]

    assert Path(f"{engine.url.database}.turn").exists()


class Beginning:
    """Begins no trace, and keeps which it was given."""

    def __init__(self) -> None:
        self.given: list[list[str]] = []

    def write(self, connection: Any, rows: dict[str, list[dict[str, Any]]]) -> set[str]:
        self.given.append([row["request_id"] for row in rows["trace_info"]])
        return set()


def test_a_trace_that_was_written_a_moment_ago_is_not_begun_again(
    committing: SpanCommitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    beginning = Beginning()
    monkeypatch.setattr(committing, "_beginning", beginning)
    monkeypatch.setattr(committing._transactions, "run_statement", lambda work: work(None))  # only PostgreSQL has it
    monkeypatch.setattr("flowship.tracking.writing.spans.committing.RECENT", 2)
    committing.commit([sent("f", "1")])  # where artifacts of the experiment are is known from here on

    for trace in ("a", "a", "b", "a", "c", "b"):
        assert committing.commit([sent(trace, "1")]) == [True]

    assert beginning.given == [[name_of(trace)] for trace in ("a", "b", "c", "b")]


def test_a_trace_that_is_begun_meanwhile_is_looked_for_again(
    committing: SpanCommitting, engine: Engine, trace_tables: TraceTables
) -> None:
    rows = infos(engine, trace_tables)

    def begin_it_too(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        if statement.startswith("INSERT INTO trace_info") and not rows:
            rows["seen"] = True
            cursor.execute(
                "INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, status, db_payload_generation)"
                " VALUES (?, 1, 1000, 'IN_PROGRESS', 0)",
                [name_of("a")],
            )

    event.listen(engine, "before_cursor_execute", begin_it_too)

    assert committing.commit([sent("a", "1")]) == [True]
    assert rows


def test_assessments_follow_a_trace_that_begins_earlier(
    committing: SpanCommitting, engine: Engine, trace_tables: TraceTables
) -> None:
    assert committing.commit([sent("a", "1")]) == [True]
    assessment = {
        "assessment_id": "a-1",
        "trace_id": name_of("a"),
        "name": "right",
        "assessment_type": "feedback",
        "value": "true",
        "created_timestamp": 1,
        "last_updated_timestamp": 1,
        "source_type": "HUMAN",
        "valid": True,
        "experiment_id": 1,
        "trace_timestamp_ms": 2000,
    }
    with engine.begin() as connection:
        connection.execute(insert(trace_tables.assessments), assessment)

    assert committing.commit([sent("a", "2", start=1)]) == [True]

    with engine.connect() as connection:
        assert connection.execute(select(trace_tables.assessments.c.trace_timestamp_ms)).scalar() == 1000
