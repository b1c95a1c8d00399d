"""The statements that write to runs, each for many rows, made once for a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from flowship.tracking.reading.arrays import rows_of
from flowship.tracking.writing import conflicts

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Select, Table

    from flowship.mlflow_seams.tracking.store import Tables


class ManyRows:
    """A statement that writes as many rows as it is given.

    PostgreSQL gets each column as one array, so that the statement is the same for any number of rows and is made once;
    SQLite is asked for each row, which costs it nothing; for MySQL the driver joins the rows into one statement.
    """

    def __init__(self, table: Table, dialect: str, on_conflict: Callable[[Any], Any]) -> None:
        kinds = {name: column.type for name, column in table.c.items() if column.computed is None}
        self._names = list(kinds) if dialect == "postgresql" else None
        insert = conflicts.INSERTS[dialect](table)
        statement = on_conflict(insert.from_select(self._names, select(*rows_of(kinds).c)) if self._names else insert)
        self._statement = statement.execution_options(preserve_rowcount=True)

    def write(self, connection: Connection, rows: list[dict[str, Any]]) -> int:
        """Write the rows, each with a value for every column that the database does not compute; how many it took."""
        if self._names:
            columns = {name: [row[name] for row in rows] for name in self._names}
            return connection.execute(self._statement, columns).rowcount
        return connection.execute(self._statement, rows).rowcount


class Statements:
    """The statements for one kind of database, a key of `INSERTS`."""

    def __init__(self, tables: Tables, dialect: str) -> None:
        runs = tables.runs
        self.active_runs: Select[Any] = select(runs.c.run_uuid).where(
            runs.c.run_uuid.in_(bindparam("ids", expanding=True)), runs.c.lifecycle_stage == "active"
        )
        self.points = ManyRows(tables.metrics, dialect, conflicts.keeping)
        self.latest = ManyRows(tables.latest_metrics, dialect, conflicts.keeping_later)
        self.latest_of = _of_runs(tables.latest_metrics)
        self.params = ManyRows(tables.params, dialect, conflicts.keeping)
        self.params_of = _of_runs(tables.params)
        self.tags = ManyRows(tables.tags, dialect, conflicts.replacing)
        self.new_tags = ManyRows(tables.tags, dialect, conflicts.failing)
        self.tags_of = _of_runs(tables.tags)
        self.takes_keys_for_others = dialect == "mysql"
        """Whether keys may differ that the database takes for the same: by case, accents or spaces at their end."""


def _of_runs(table: Table) -> Select[Any]:
    return select(table.c.run_uuid, table.c.key, table.c.value).where(
        table.c.run_uuid.in_(bindparam("ids", expanding=True)), table.c.key.in_(bindparam("keys", expanding=True))
    )
