"""Groups of writes in the real databases: many writers of the same runs, and keys that are one to the database."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, create_engine, insert, select

from flowship.database.drivers import MYSQL
from flowship.database.served.connections import Connections
from flowship.mlflow_seams.tracking import store as seam
from flowship.tracking.writing.committing import Committing
from flowship.tracking.writing.transactions import takes_transactions
from flowship.tracking.writing.writers import Writers
from flowship.tracking.writing.writes import Point, Writes
from tests.databases import make_tables
from tests.integration.database.places import url_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

TABLES = seam.tables()
WRITTEN = ("experiments", "runs", "metrics", "latest_metrics", "params", "tags")
RUNS = ("r1", "r2")
WRITERS = 6


@pytest.fixture(params=["postgres", "mariadb"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database with MLflow's tables, and two active runs."""
    server = request.getfixturevalue(request.param)
    dialect = MYSQL if request.param == "mariadb" else "postgresql+psycopg2"
    engine = create_engine(url_of(server.fresh_database(), dialect))
    make_tables(engine, [getattr(TABLES, name) for name in WRITTEN])
    with engine.begin() as connection:
        connection.execute(
            insert(TABLES.experiments),
            {"experiment_id": 1, "name": "e", "lifecycle_stage": "active", "workspace": "default"},
        )
        for run in RUNS:
            connection.execute(insert(TABLES.runs), {"run_uuid": run, "experiment_id": 1, "lifecycle_stage": "active"})
    yield engine
    engine.dispose()


def committing_with(engine: Engine) -> Committing:
    return Writers(Connections(engine), TABLES).committing


def rows(engine: Engine, table: Any, *names: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return sorted(map(tuple, connection.execute(select(*(table.c[name] for name in names)))))


def group_of(writer: int, number: int) -> Sequence[Writes]:
    """What a writer sends together: values of its own to metrics that all share, in an order of its own."""
    order = random.Random(f"{writer} {number}")  # noqa: S311 - nothing secret
    keys = order.sample([f"m{key}" for key in range(8)], 8)
    points = tuple(Point(key, writer, number, 0, False) for key in keys)
    pairs = tuple((key, "same") for key in keys)
    return [Writes(run, points, pairs, pairs) for run in order.sample(RUNS, 2)]


def assert_all_are_there(engine: Engine) -> None:
    """The values of all groups are in the database, and the latest of each metric."""
    expected = {(run, f"m{key}", w, n) for run in RUNS for key in range(8) for w in range(WRITERS) for n in range(12)}
    assert rows(engine, TABLES.metrics, "run_uuid", "key", "value", "timestamp") == sorted(expected)
    latest = rows(engine, TABLES.latest_metrics, "run_uuid", "key", "value", "timestamp")
    assert latest == [(run, f"m{key}", WRITERS - 1, 11) for run in RUNS for key in range(8)]


def test_writers_of_the_same_runs_lose_nothing(engine: Engine) -> None:
    def write(writer: int) -> list[bool]:
        committing = committing_with(engine)
        return [done for number in range(12) for done in committing.commit(group_of(writer, number))]

    with ThreadPoolExecutor(WRITERS) as pool:
        done = list(pool.map(write, range(WRITERS)))

    assert takes_transactions(engine)
    assert all(map(all, done))
    assert_all_are_there(engine)
    assert len(rows(engine, TABLES.params, "key")) == len(rows(engine, TABLES.tags, "key")) == 16


def test_writers_of_values_alone_lose_nothing(engine: Engine) -> None:
    def write(writer: int) -> list[bool]:
        committing = committing_with(engine)
        groups = ([each._replace(params=(), tags=()) for each in group_of(writer, number)] for number in range(12))
        return [done for group in groups for done in committing.commit([*group, Writes("no", group[0].points)])]

    with ThreadPoolExecutor(WRITERS) as pool:
        done = list(pool.map(write, range(WRITERS)))

    assert done == [[True, True, False] * 12] * WRITERS
    assert_all_are_there(engine)


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_value_that_the_database_does_not_take_harms_no_other(engine: Engine) -> None:
    committing = committing_with(engine)
    group = [Writes(run, (Point(key, 1.0, 1, 1, False),)) for run, key in (("r1", "a"), ("r1", "x" * 300), ("r2", "b"))]

    assert committing.commit(group) == [True, False, True]
    assert rows(engine, TABLES.metrics, "run_uuid", "key") == [("r1", "a"), ("r2", "b")]
    assert rows(engine, TABLES.latest_metrics, "run_uuid", "key") == [("r1", "a"), ("r2", "b")]


def test_the_latest_value_is_that_of_mlflows_comparison(engine: Engine) -> None:
    chosen = random.Random(1)  # noqa: S311 - nothing secret
    committing = committing_with(engine)

    def points() -> list[Point]:
        return [
            Point(f"m{key}", chosen.randrange(3), chosen.randrange(3), chosen.randrange(3), chosen.randrange(2) == 1)
            for key in range(300)
        ]

    first, second = points(), points()
    assert all(committing.commit([Writes("r1", tuple(each))])[0] for each in (first, second))

    names = ("key", "step", "timestamp", "value", "is_nan")
    pairs = zip(first, second, strict=True)
    latest = [max(pair, key=lambda point: (point.step, point.timestamp, point.value)) for pair in pairs]
    expected = sorted(tuple(getattr(point, name) for name in names) for point in latest)
    assert rows(engine, TABLES.latest_metrics, *names) == expected


@pytest.mark.parametrize("other", ["Loss", "loss ", "löss"])
@pytest.mark.parametrize("engine", ["mariadb"], indirect=True)
def test_a_key_that_the_database_takes_for_another_is_left_to_mlflow(engine: Engine, other: str) -> None:
    committing = committing_with(engine)

    def each_kind(key: str) -> list[Writes]:
        pairs = ((key, "1"),)
        return [Writes("r1", (Point(key, 0.5, 0, 0, False),)), Writes("r1", params=pairs), Writes("r1", tags=pairs)]

    assert committing.commit(each_kind("loss")) == [True] * 3
    before = [rows(engine, table, "key", "value") for table in (TABLES.metrics, TABLES.params, TABLES.tags)]

    assert committing.commit([*each_kind(other), Writes("r1", tags=(("other", "1"),))]) == [False] * 3 + [True]
    assert committing.commit([Writes("r2", tags=(("t", "1"), (other, "1"), ("loss", "1")))]) == [False]

    after = [rows(engine, table, "key", "value") for table in (TABLES.metrics, TABLES.params, TABLES.tags)]
    assert after == [*before[:2], sorted([*before[2], ("other", "1")])]
