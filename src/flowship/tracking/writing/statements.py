"""The statements that write to runs, each for many rows, made once for a database."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, String, Text, bindparam, cast, func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Select, Table

    from flowship.mlflow_seams.tracking.store import Tables

INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
"""How each kind of database is told to insert what may be there already."""


class ManyRows:
    """A statement that writes as many rows as it is given.

    PostgreSQL gets each column as one array, so that the statement is the same for any number of rows and is made once;
    SQLite is asked for each row, which costs it nothing.
    """

    def __init__(self, table: Table, dialect: str, on_conflict: Callable[[Any], Any]) -> None:
        self._names = list(table.c.keys()) if dialect == "postgresql" else None
        insert = INSERTS[dialect](table)
        self._statement = on_conflict(
            insert.from_select(table.c.keys(), _from_arrays(table)) if self._names else insert
        )

    def write(self, connection: Connection, rows: list[dict[str, Any]]) -> None:
        """Write the rows, each with a value for every column."""
        if self._names:
            connection.execute(self._statement, {name: [row[name] for row in rows] for name in self._names})
        else:
            connection.execute(self._statement, rows)


class Statements:
    """The statements for one kind of database, a key of `INSERTS`."""

    def __init__(self, tables: Tables, dialect: str) -> None:
        runs, params = tables.runs, tables.params
        self.active_runs: Select[Any] = select(runs.c.run_uuid).where(
            runs.c.run_uuid.in_(bindparam("ids", expanding=True)), runs.c.lifecycle_stage == "active"
        )
        self.points = ManyRows(tables.metrics, dialect, lambda insert: insert.on_conflict_do_nothing())
        self.latest = ManyRows(tables.latest_metrics, dialect, partial(_latest, tables.latest_metrics))
        self.params = ManyRows(params, dialect, lambda insert: insert.on_conflict_do_nothing())
        self.params_of: Select[Any] = select(params.c.run_uuid, params.c.key, params.c.value).where(
            params.c.run_uuid.in_(bindparam("ids", expanding=True)), params.c.key.in_(bindparam("keys", expanding=True))
        )
        self.tags = ManyRows(tables.tags, dialect, _replacing)


def _from_arrays(table: Table) -> Select[Any]:
    """Rows made of one array for each column, a parameter of the column's name."""
    kinds = {
        name: ARRAY(Text() if isinstance(column.type, String) else column.type) for name, column in table.c.items()
    }
    arrays = [cast(bindparam(name, type_=kind), kind) for name, kind in kinds.items()]
    rows = func.unnest(*arrays).table_valued(*table.c.keys()).render_derived()
    return select(*rows.c)


def _latest(latest: Table, insert: Any) -> Any:
    """Keep a value as the latest if it is later than the one there, as MLflow compares: by step, time and value."""
    new, old = insert.excluded, latest.c
    return insert.on_conflict_do_update(
        index_elements=["key", "run_uuid"],
        set_={name: new[name] for name in ("value", "timestamp", "step", "is_nan")},
        where=tuple_(new.step, new.timestamp, new.value) > tuple_(old.step, old.timestamp, old.value),
    )


def _replacing(insert: Any) -> Any:
    return insert.on_conflict_do_update(index_elements=["key", "run_uuid"], set_={"value": insert.excluded.value})
