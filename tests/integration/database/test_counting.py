"""What is counted for metrics, on each kind of database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.database.drivers import MYSQL
from flowship.database.engine import open_engine
from flowship.mlflow_seams.tracking import store as seam
from flowship.status.counting import count
from tests.databases import make_tables
from tests.integration.database.places import execute
from tests.integration.database.test_migrate import each_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL


@each_kind
def test_experiments_and_runs_are_counted_and_other_rows_estimated(empty: Callable[[str], URL], kind: str) -> None:
    url = empty(kind)
    tables = seam.tables()
    make_tables(open_engine(url), (tables.experiments, tables.runs, tables.params))
    execute(
        url,
        "INSERT INTO experiments (experiment_id, name, lifecycle_stage, workspace)"
        " VALUES (9, 'a', 'active', 'default')",
        "INSERT INTO runs (run_uuid, experiment_id, status, lifecycle_stage) VALUES"
        " ('a', 9, 'RUNNING', 'active'), ('b', 9, 'FAILED', 'active'), ('c', 9, 'FAILED', 'deleted')",
    )
    with open_engine(url).begin() as connection:
        connection.execute(tables.params.insert(), [{"run_uuid": "a", "key": key, "value": "1"} for key in "xy"])
    if kind != "sqlite":
        execute(url, "ANALYZE TABLE params" if kind == MYSQL else "ANALYZE params")
    found = count(open_engine(url))

    assert found.experiments == {"active": 1}
    assert found.runs == {("RUNNING", "active"): 1, ("FAILED", "active"): 1, ("FAILED", "deleted"): 1}
    assert found.rows == {"params": 2}
