"""The indexes on MLflow's tables, on each kind of database: made, used, mended, dropped, and never in the way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, inspect

from flowship.database.engine import open_engine
from flowship.database.migrating.search_indexes import INDEXES, METRICS_BY_VALUE, PARAMS_BY_VALUE, RUNS_BY_START, keep
from flowship.mlflow_seams.database.experiment_tables import metadata
from flowship.mlflow_seams.tracking import store as seam
from flowship.mlflow_seams.tracking.searching import runs as run_searches
from flowship.tracking.reading import run_statements
from flowship.tracking.reading.readers import Readers
from flowship.tracking.reading.searches import Wanted
from tests.databases import make_tables, tracking_at
from tests.integration.database.places import execute, scalar, url_of
from tests.integration.database.test_migrate import each_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL, Select

    from tests.integration.servers.postgres import PostgresServer


def with_runs(url: URL) -> URL:
    """The database with MLflow's tables that have indexes, and a run."""
    execute(
        with_tables(url),
        "INSERT INTO experiments (experiment_id, name, workspace) VALUES (9, 'first', 'default')",
        "INSERT INTO runs (run_uuid, experiment_id, lifecycle_stage, start_time) VALUES ('first', 9, 'active', 1)",
    )
    return url


def with_tables(url: URL) -> URL:
    """The database with the tables of runs, and of what they are searched by."""
    tables, all_of_them = seam.tables(), metadata().tables
    of_models = (all_of_them["logged_models"], all_of_them["logged_model_metrics"])
    make_tables(open_engine(url), (tables.experiments, tables.runs, tables.latest_metrics, tables.params, *of_models))
    return url


def kept(url: URL, *, wanted: bool, limit: float = 60) -> list[str]:
    """Make the index, or drop it; what was reported."""
    said: list[str] = []
    keep(tracking_at(url), said.append, wanted=wanted, limit=limit)
    return said


def indexes(url: URL) -> set[str | None]:
    inspector = inspect(open_engine(url))
    return {index["name"] for table in {index.table for index in INDEXES} for index in inspector.get_indexes(table)}


@each_kind
def test_they_are_made_once_and_dropped_again(empty: Callable[[str], URL], kind: str) -> None:
    url = with_runs(empty(kind))
    before = indexes(url)
    names = [index.name for index in INDEXES if tracking_at(url).kind in index.columns]

    assert [sentence.split(" in ")[0] for sentence in kept(url, wanted=True)] == [
        f"making the index {n}" for n in names
    ]
    assert indexes(url) == {*before, *names}
    assert kept(url, wanted=True) == []

    assert [sentence.split(" in ")[0] for sentence in kept(url, wanted=False)] == [
        f"dropping the index {name}" for name in names
    ]
    assert indexes(url) == before
    assert kept(url, wanted=False) == []


def test_nobody_is_told_of_it_where_there_are_no_runs(empty: Callable[[str], URL]) -> None:
    url = with_tables(empty("sqlite"))

    assert kept(url, wanted=True) == []
    assert RUNS_BY_START.name in indexes(url)


def test_what_an_interrupted_making_left_is_made_anew(postgres: PostgresServer) -> None:
    database = postgres.fresh_database()
    url = with_runs(url_of(database, "postgresql+psycopg"))
    kept(url, wanted=True)
    name = RUNS_BY_START.name
    postgres.execute(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{name}'::regclass", database.name)  # noqa: S608

    assert [sentence.split(" in ")[0] for sentence in kept(url, wanted=True)] == [f"making the index {name}"]
    assert scalar(url, f"SELECT indisvalid FROM pg_index WHERE indexrelid = '{name}'::regclass") is True  # noqa: S608


@pytest.mark.parametrize("driver", ["psycopg2", "psycopg"])
def test_a_transaction_that_lasts_is_waited_for_only_so_long(postgres: PostgresServer, driver: str) -> None:
    url = with_runs(url_of(postgres.fresh_database(), f"postgresql+{driver}"))
    with open_engine(url).connect().execution_options(isolation_level="REPEATABLE READ") as other:
        other.exec_driver_sql("SELECT * FROM runs")
        said = kept(url, wanted=True, limit=1)

    assert "could not be made: canceling statement due to user request" in said[1]
    assert "only searches for runs and `flowship gc` may be slow" in said[1]
    assert len(kept(url, wanted=True)) == len(INDEXES)
    assert kept(url, wanted=True) == []


def test_a_user_without_the_right_is_told_and_nothing_fails(postgres: PostgresServer) -> None:
    database = postgres.fresh_database()
    url = with_tables(url_of(database, "postgresql+psycopg2"))
    postgres.execute("ALTER TABLE runs OWNER TO postgres", database.name)

    (refused,) = kept(url, wanted=True)

    assert "could not be made: permission denied for table runs" in refused
    assert RUNS_BY_START.name not in indexes(url)


def test_a_page_is_read_in_its_order(postgres: PostgresServer) -> None:
    url = with_tables(url_of(postgres.fresh_database(), "postgresql+psycopg2"))
    execute(
        url,
        "INSERT INTO experiments (experiment_id, name, workspace) VALUES (1, 'e', 'default')",
        "INSERT INTO runs (run_uuid, experiment_id, lifecycle_stage, start_time)"
        " SELECT md5(n::text), 1, 'active', n / 3 FROM generate_series(1, 20000) AS n",
    )
    kept(url, wanted=True)
    execute(url, "ANALYZE runs")

    page = "experiment_id IN (1) AND lifecycle_stage IN ('active') ORDER BY start_time DESC, run_uuid LIMIT 101"
    with open_engine(url).connect() as connection:
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN SELECT * FROM runs WHERE {page}").scalars())  # noqa: S608

    assert f"Index Scan using {RUNS_BY_START.name}" in plan
    assert "Sort" not in plan


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")  # of MLflow's own tables
def test_pages_by_values_are_found_in_indexes_alone(postgres: PostgresServer) -> None:
    database = postgres.fresh_database()
    url = with_tables(url_of(database, "postgresql+psycopg2"))
    logged = "FROM generate_series(1, 20000) AS n, generate_series(1, 5) AS k"
    execute(
        url,
        "INSERT INTO experiments (experiment_id, name, workspace) VALUES (1, 'e', 'default')",
        "INSERT INTO runs (run_uuid, experiment_id, lifecycle_stage, start_time)"
        " SELECT md5(n::text), 1, 'active', n FROM generate_series(1, 20000) AS n",
        "INSERT INTO latest_metrics (run_uuid, key, value, timestamp, step, is_nan)"
        f" SELECT md5(n::text), 'm' || k, n % 1000, 1, 0, false {logged}",
        f"INSERT INTO params (run_uuid, key, value) SELECT md5(n::text), 'p' || k, (n % 500)::text {logged}",
    )
    kept(url, wanted=True)
    postgres.execute("VACUUM ANALYZE", database.name)
    walk, by_both = plans(url, "metrics.m1 > 990 AND params.p1 = '3'", "metrics.m1 DESC")
    by_metric, in_order = plans(url, "metrics.m1 > 990")

    assert f"using {METRICS_BY_VALUE.name}" in walk
    assert f"Index Only Scan using {METRICS_BY_VALUE.name}" in by_metric
    assert f"Index Only Scan using {PARAMS_BY_VALUE.name}" in by_both
    assert not re.findall(r"Seq Scan on (?:latest_metrics|params)", walk + by_metric + by_both)
    assert "Seq Scan" not in walk + by_both
    assert f"Index Only Scan using {RUNS_BY_START.name}" in in_order
    assert f"Index Only Scan using {METRICS_BY_VALUE.name}" in in_order
    assert "hashed SubPlan" in in_order
    assert explains(url, "params.p1 = 'none'") == [2, 2]


def explains(url: URL, filter_string: str) -> list[int]:
    """How many statements PostgreSQL has been asked to explain after each of two equal searches."""
    engine, asked = open_engine(url), list[str]()
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    search = Readers(seam.tables(), engine.dialect).search
    counts = []
    for _ in range(2):
        with engine.connect() as connection:
            found = search.read(connection, Wanted(filter_string, (), ("active",)), [1], 0, 10)
        assert found == {}
        counts.append(sum(statement.startswith("EXPLAIN") for statement in asked))
    return counts


def plans(url: URL, filter_string: str, *order_by: str) -> list[str]:
    """How PostgreSQL will do each statement of a search."""
    clauses = run_searches.clauses(filter_string, order_by, "postgresql")
    assert clauses
    found = run_statements.made(seam.tables().runs, clauses, ("active",), "postgresql", has_values=True)
    first = [found.first] if found.first is not None else []
    statements = [*first, *found.whole]
    return [explained(url, statement.params(experiments=[1], offset=0, limit=101)) for statement in statements]


def explained(url: URL, statement: Select[Any]) -> str:
    """How PostgreSQL will do it."""
    with open_engine(url).connect() as connection:
        said = str(statement.compile(connection, compile_kwargs={"literal_binds": True}))
        return "\n".join(connection.exec_driver_sql(f"EXPLAIN {said}").scalars())
