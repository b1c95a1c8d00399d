"""Values of metrics of many runs, written by one statement of PostgreSQL's, which is a transaction of its own.

Training jobs send little else. In a transaction of several statements, the round trips to begin it, to ask which runs
are active, and to end it cost as much as the two that write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Text, any_, bindparam, cast, literal_column, select

from flowship.tracking.reading.arrays import rows_of
from flowship.tracking.writing import conflicts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import CTE, Connection, Dialect, Table

    from flowship.mlflow_seams.tracking.store import Tables

    Rows = Sequence[Mapping[str, Any]]


class PointsAtOnce:
    """Writes all values of a group, and the latest of each metric, to those of its runs that are active."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        runs = tables.runs
        is_meant = runs.c.run_uuid == any_(cast(bindparam("ids"), ARRAY(Text)))
        is_active = runs.c.lifecycle_stage == literal_column("'active'")
        active = select(runs.c.run_uuid).where(is_meant, is_active).cte("active")
        written = [
            _written(tables.metrics, "point", active, conflicts.keeping),
            _written(tables.latest_metrics, "latest", active, conflicts.keeping_later),
        ]
        self._text = str(select(active.c.run_uuid).add_cte(*written).compile(dialect=dialect))
        self._names = tuple(tables.latest_metrics.c.keys())

    def write(self, connection: Connection, run_ids: Iterable[str], points: Rows, latest: Rows) -> set[str]:
        """Write the rows in their order; the ids of the runs that are active."""
        said: dict[str, Any] = {"ids": list(run_ids)}
        for name in self._names:
            said[f"point_{name}"] = [row[name] for row in points]
            said[f"latest_{name}"] = [row[name] for row in latest]
        return set(connection.exec_driver_sql(self._text, said).scalars())


def _written(table: Table, prefix: str, active: CTE, on_conflict: Callable[[Any], Any]) -> CTE:
    """Make the part that writes to one table what parameters of this prefix bring, an array for each column."""
    kinds = {name: column.type for name, column in table.c.items()}
    rows = rows_of(kinds, f"{prefix}_", with_ordinality="place")
    # In the order in which all transactions write, so that no two wait for each other.
    wanted = select(*(rows.c[name] for name in kinds)).where(rows.c.run_uuid.in_(select(active.c.run_uuid)))
    insert = conflicts.INSERTS["postgresql"](table).from_select(list(kinds), wanted.order_by(rows.c.place))
    written: CTE = on_conflict(insert).cte(f"{prefix}s")
    return written
