"""MySQL's own words; the tests that run them have MariaDB, which has no other name for a row that is being inserted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.dialects import mysql

from flowship.tracking.writing import conflicts

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from flowship.mlflow_seams.tracking.store import Tables


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (conflicts.keeping, "run_uuid = latest_metrics.run_uuid"),
        (conflicts.replacing, "value = new.value"),
        (
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
    tables: Tables, how: Callable[[Any], Any], said: str
) -> None:
    dialect = mysql.dialect()
    dialect.server_version_info, dialect._requires_alias_for_on_duplicate_key = (8, 4, 0), True

    statement = str(how(conflicts.INSERTS["mysql"](tables.latest_metrics)).compile(dialect=dialect))

    assert " ".join(statement.replace("`", "").split()).endswith(f"AS new ON DUPLICATE KEY UPDATE {said}")
