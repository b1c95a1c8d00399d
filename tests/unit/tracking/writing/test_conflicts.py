"""Each database's own words. The tests that run MySQL's have MariaDB, which has no other name for a row that is being
inserted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.dialects import mysql, postgresql, sqlite

from flowship.tracking.writing import conflicts

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sqlalchemy import Dialect, Table

    from flowship.mlflow_seams.tracking.store import Tables
    from flowship.mlflow_seams.tracking.traces.tables import TraceTables


@pytest.mark.parametrize(
    ("table", "how", "said"),
    [
        ("latest_metrics", conflicts.keeping, "run_uuid = latest_metrics.run_uuid"),
        ("tags", conflicts.replacing, "value = new.value"),
        (
            "latest_metrics",
            conflicts.keeping_later,
            ", ".join(
                f"{name} = CASE WHEN ((new.step, new.timestamp, new.value) >"
                " (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value))"
                f" THEN new.{name} ELSE latest_metrics.{name} END"
                for name in ("is_nan", "value", "timestamp", "step")
            ),
        ),
    ],
)
def test_mysql_is_told_what_becomes_of_a_row_that_is_there(
    tables: Tables, table: str, how: Callable[[Any], Any], said: str
) -> None:
    dialect = mysql.dialect()
    dialect.server_version_info, dialect._requires_alias_for_on_duplicate_key = (8, 4, 0), True

    statement = str(how(conflicts.INSERTS["mysql"](getattr(tables, table))).compile(dialect=dialect))

    assert " ".join(statement.replace("`", "").split()).endswith(f"AS new ON DUPLICATE KEY UPDATE {said}")


@pytest.mark.parametrize("make_dialect", [postgresql.dialect, sqlite.dialect])
def test_a_row_that_is_there_gets_all_that_the_new_one_says(
    tables: Tables, trace_tables: TraceTables, make_dialect: Callable[[], Dialect]
) -> None:
    dialect = make_dialect()

    def told(table: Table) -> str:
        statement = conflicts.replacing(conflicts.INSERTS[dialect.name](table))
        return str(statement.compile(dialect=dialect)).replace('"', "").partition(" ON CONFLICT ")[2]

    assert told(tables.tags) == "(key, run_uuid) DO UPDATE SET value = excluded.value"
    key, _, changes = told(trace_tables.spans).partition(" DO UPDATE SET ")
    names = [change.partition(" = ")[0] for change in changes.split(", ")]
    assert key == "(trace_id, span_id)"
    assert set(names) == set(trace_tables.spans.c.keys()) - {"trace_id", "span_id", "duration_ns"}
    assert changes == ", ".join(f"{name} = excluded.{name}" for name in names)
