from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError, OperationalError

from flowship.database.served.connections import Connections
from flowship.tracking.writing.committing import Committing
from flowship.tracking.writing.statements import Statements
from flowship.tracking.writing.transactions import Transactions
from flowship.tracking.writing.writes import Point, Writes

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from flowship.mlflow_seams.tracking.store import Tables


def point(value: float = 0.5, timestamp: int = 0, step: int = 0, *, is_nan: bool = False) -> Point:
    return Point("loss", value, timestamp, step, is_nan)


@pytest.fixture
def committing(engine: Engine, tables: Tables) -> Committing:
    return Committing(Transactions(Connections(engine)), Statements(tables, "sqlite"))


def kept(engine: Engine, table: Any) -> list[tuple[Any, ...]]:
    """The rows of a table, without what is the same in all of them."""
    with engine.connect() as connection:
        names = [name for name in ("run_uuid", "key", "value", "timestamp", "step", "is_nan") if name in table.c]
        return sorted(tuple(row) for row in connection.execute(select(*(table.c[name] for name in names))))


def test_a_group_is_written_together(committing: Committing, engine: Engine, tables: Tables) -> None:
    begun: list[object] = []
    event.listen(engine, "commit", begun.append)

    group = [
        Writes("r1", (point(1.0), point(2.0, step=1)), (("p", "1"),), (("t", "1"),)),
        Writes("r2", (point(3.0),), (("p", "2"),)),
        Writes("r1", tags=(("t", "2"),)),
    ]
    assert committing.commit(group) == [True, True, True]

    assert len(begun) == 1
    assert kept(engine, tables.metrics) == [
        ("r1", "loss", 1.0, 0, 0, False),
        ("r1", "loss", 2.0, 0, 1, False),
        ("r2", "loss", 3.0, 0, 0, False),
    ]
    assert kept(engine, tables.latest_metrics) == [("r1", "loss", 2.0, 0, 1, False), ("r2", "loss", 3.0, 0, 0, False)]
    assert kept(engine, tables.params) == [("r1", "p", "1"), ("r2", "p", "2")]
    assert kept(engine, tables.tags) == [("r1", "t", "2")]


def test_runs_that_are_deleted_or_missing_are_not_written(
    committing: Committing, engine: Engine, tables: Tables
) -> None:
    group = [Writes(run, (point(),), (("p", "1"),), (("t", "1"),)) for run in ("gone", "r1", "none")]

    assert committing.commit(group) == [False, True, False]
    for table in (tables.metrics, tables.latest_metrics, tables.params, tables.tags):
        assert [row[0] for row in kept(engine, table)] == ["r1"]


@pytest.mark.parametrize(
    ("before", "after", "latest"),
    [
        (point(1.0, 5, 5), point(0.0, 0, 6), point(0.0, 0, 6)),
        (point(1.0, 5, 5), point(0.0, 9, 5), point(0.0, 9, 5)),
        (point(1.0, 5, 5), point(2.0, 5, 5), point(2.0, 5, 5)),
        (point(1.0, 5, 5), point(0.5, 5, 5), point(1.0, 5, 5)),
        (point(1.0, 5, 5), point(9.0, 9, 4), point(1.0, 5, 5)),
        (point(0.0, 5, 5, is_nan=True), point(0.0, 5, 5), point(0.0, 5, 5, is_nan=True)),
        (point(-1.0, 5, 5), point(0.0, 5, 5, is_nan=True), point(0.0, 5, 5, is_nan=True)),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_the_latest_value_is_that_of_mlflows_comparison(
    committing: Committing,
    engine: Engine,
    tables: Tables,
    *,
    before: Point,
    after: Point,
    latest: Point,
    together: bool,
) -> None:
    group = [Writes("r1", (before,)), Writes("r1", (after,))]
    for part in [group] if together else [group[:1], group[1:]]:
        assert all(committing.commit(part))

    assert kept(engine, tables.latest_metrics) == [("r1", *latest)]
    assert len(kept(engine, tables.metrics)) == 2


def test_what_is_said_twice_is_there_once(committing: Committing, engine: Engine, tables: Tables) -> None:
    group = [Writes("r1", (point(), point()), (("p", "1"),), (("t", "1"),))] * 2

    assert committing.commit(group) == [True, True]
    assert committing.commit(group) == [True, True]
    for table in (tables.metrics, tables.latest_metrics, tables.params, tables.tags):
        assert len(kept(engine, table)) == 1


def test_who_changes_a_parameter_is_refused_alone_and_writes_nothing(
    committing: Committing, engine: Engine, tables: Tables
) -> None:
    committing.commit([Writes("r1", params=(("p", "1"),))])

    group = [
        Writes("r1", (point(1.0),), (("q", "1"),)),
        Writes("r1", (point(2.0),), (("p", "2"), ("new", "1"))),
        Writes("r1", (point(3.0),), (("q", "2"),)),
        Writes("r1", (point(4.0),), (("p", "1"), ("q", "1"))),
    ]
    assert committing.commit(group) == [True, False, False, True]

    assert kept(engine, tables.params) == [("r1", "p", "1"), ("r1", "q", "1")]
    assert [row[2] for row in kept(engine, tables.metrics)] == [1.0, 4.0]


def test_what_the_database_refuses_harms_no_other(committing: Committing, engine: Engine, tables: Tables) -> None:
    refused = Writes("r1", tags=(("bad", "x"),))

    def refuse(connection: Any, cursor: Any, statement: str, parameters: Any, *others: Any) -> None:
        if "INSERT INTO tags" in statement and "bad" in str(parameters):
            raise IntegrityError(statement, parameters, ValueError("bad"))

    event.listen(engine, "before_cursor_execute", refuse)
    group = [Writes("r1", (point(),)), refused, Writes("r2", tags=(("good", "x"),))]

    assert committing.commit(group) == [True, False, True]
    assert kept(engine, tables.tags) == [("r2", "good", "x")]
    assert len(kept(engine, tables.metrics)) == 1


def test_a_database_that_is_away_is_asked_once_for_all(committing: Committing, engine: Engine) -> None:
    asked: list[str] = []

    def away(connection: Any, cursor: Any, statement: str, parameters: Any, *others: Any) -> None:
        asked.append(statement)
        raise OperationalError(statement, parameters, ValueError("away"))

    event.listen(engine, "before_cursor_execute", away)

    assert committing.commit([Writes("r1"), Writes("r2")]) == [False, False]
    assert len(asked) == 1
