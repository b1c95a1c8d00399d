"""New traces in one statement, where PostgreSQL is asked: it begins those that are not there, and only those.

That is how traces arrive whose exporter sends them whole. The statement is a transaction of its own, so that a trace is
begun with all of its spans, or left to what looks first at what is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, select
from sqlalchemy.dialects.postgresql import insert

from flowship.tracking.reading.arrays import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection, Select, Table
    from sqlalchemy.sql.selectable import CTE, NamedFromClause

    from flowship.mlflow_seams.tracking.traces.tables import TraceTables

    Rows = list[dict[str, Any]]

PLACE = "artifact_location"
"""Where artifacts of the trace's experiment are; with the row of the trace, to see that it still is so."""


class Beginning:
    """The statement; `tables` are those of MLflow's tracking store."""

    def __init__(self, tables: TraceTables) -> None:
        experiments = tables.experiments
        self._columns = {
            table.name: [name for name, column in table.c.items() if column.computed is None]
            for table in (tables.infos, tables.tags, tables.metadata, tables.spans)
        }
        sent = self._arrays(tables.infos, [PLACE])
        fitting = (
            select(*(sent.c[name] for name in self._columns[tables.infos.name]))
            .join_from(sent, experiments, experiments.c.experiment_id == sent.c.experiment_id)
            .where(experiments.c.lifecycle_stage == "active", experiments.c.artifact_location == sent.c[PLACE])
            .order_by(sent.c.request_id)  # two statements that begin the same traces wait for each other in one order
        )
        names = self._columns[tables.infos.name]
        begun = (
            insert(tables.infos)
            .from_select(names, fitting)
            .on_conflict_do_nothing()
            .returning(tables.infos.c.request_id)
            .cte("begun")
        )
        of_traces = ((tables.tags, "request_id"), (tables.metadata, "request_id"), (tables.spans, "trace_id"))
        parts = [self._of_begun(table, key, begun) for table, key in of_traces]
        self._statement: Select[Any] = select(begun.c.request_id).add_cte(*parts)

    def write(self, connection: Connection, rows: Mapping[str, Rows]) -> set[str]:
        """Begin traces with these rows by table, those of `trace_info` with their `PLACE`; the ids of those begun."""
        arrays = {
            f"{table}_{name}": [row[name] for row in rows[table]]
            for table, names in self._columns.items()
            for name in (*names, *([PLACE] if table == "trace_info" else []))
        }
        return set(connection.execute(self._statement, arrays).scalars())

    def _of_begun(self, table: Table, key: str, begun: CTE) -> CTE:
        sent = self._arrays(table)
        names = self._columns[table.name]
        rows = select(*(sent.c[name] for name in names)).join_from(sent, begun, begun.c.request_id == sent.c[key])
        return insert(table).from_select(names, rows).cte(f"new_{table.name}")

    def _arrays(self, table: Table, more: Iterable[str] = ()) -> NamedFromClause:
        """Rows with these columns, and `more` of text; their parameters begin with the table's name."""
        kinds = {name: table.c[name].type for name in self._columns[table.name]} | dict.fromkeys(more, Text())
        return rows_of(kinds, f"{table.name}_", f"sent_{table.name}")
