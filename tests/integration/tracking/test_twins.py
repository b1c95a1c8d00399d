"""The same answers and the same rows as MLflow's own handlers, whatever is sent, on each kind of database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from flowship.database.drivers import MYSQL
from tests.integration.database.places import url_of
from tests.integration.flowship import clean, sqlite_tables
from tests.integration.forked import run_module
from tests.integration.tables import database_with_tables

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = 40

WRITTEN = ("runs/log-metric", "runs/log-batch", "runs/log-parameter", "runs/set-tag")


KINDS = ("sqlite", "postgresql+psycopg2", "postgresql+psycopg", MYSQL)


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of this kind with MLflow's tables."""
    return with_tables(request, tmp_path, "mlflow.db")


@pytest.fixture
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Two such databases, in JSON."""
    return json.dumps([with_tables(request, tmp_path, name) for name in ("theirs.db", "ours.db")])


def with_tables(request: pytest.FixtureRequest, directory: Path, name: str) -> str:
    if request.param == "sqlite":
        (directory / name).write_bytes(sqlite_tables())
        return f"sqlite:///{directory / name}"
    server = request.getfixturevalue("mariadb" if request.param == MYSQL else "postgres")
    return url_of(database_with_tables(server), request.param).render_as_string(hide_password=False)


def answered(program: str, url: str) -> set[str]:
    """Who answered what, when a program of twins has found no difference."""
    done = run_module(f"tests.integration.tracking.{program}", url, str(EXAMPLES), environ=clean({}), limit=600)
    assert done.returncode == 0, done.stderr[-8000:]
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("url", KINDS, indirect=True)
def test_requests_are_answered_and_kept_as_mlflow_does(url: str) -> None:
    found = answered("twins", url)

    routes = ("runs/get", "metrics/get-history", *WRITTEN)
    assert {f"{route} flowship" for route in routes} <= found


@pytest.mark.parametrize("url", KINDS, indirect=True)
def test_runs_are_made_and_changed_as_mlflow_does(url: str) -> None:
    routes = ("runs/create", "runs/update")

    assert {f"{route} {by}" for route in routes for by in ("flowship", "mlflow")} <= answered("run_twins", url)


@pytest.mark.parametrize("url", KINDS, indirect=True)
def test_searches_find_what_mlflow_finds(url: str) -> None:
    assert answered("search_twins", url) == {"runs/search flowship", "runs/search mlflow"}


@pytest.mark.parametrize("url", KINDS, indirect=True)
def test_searches_find_the_experiments_that_mlflow_finds(url: str) -> None:
    assert answered("experiment_twins", url) == {"experiments/search flowship", "experiments/search mlflow"}


@pytest.mark.parametrize("url", KINDS, indirect=True)
def test_histories_are_told_as_mlflow_does(url: str) -> None:
    routes = ("get-history-bulk", "get-history-bulk-interval")

    assert answered("history_twins", url) == {
        f"/ajax-api/2.0/mlflow/metrics/{route} {by}" for route in routes for by in ("flowship", "mlflow")
    }


@pytest.mark.parametrize("url", KINDS, indirect=True)
def test_searches_find_the_traces_that_mlflow_finds(url: str) -> None:
    assert answered("trace_search_twins", url) == {
        f"/{api}/3.0/mlflow/traces/search {by}" for api in ("api", "ajax-api") for by in ("flowship", "mlflow")
    }


@pytest.mark.parametrize("urls", KINDS[:3], indirect=True)
def test_traces_are_kept_as_mlflow_does(urls: str) -> None:
    assert {"/v1/traces flowship", "/v1/traces mlflow", "traces flowship"} <= answered("trace_twins", urls)
