"""The statements that write to runs, each for many rows, made once for a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Select, Table

    from flowship.mlflow_seams.tracking import Tables

INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
"""How each kind of database is told to insert what may be there already."""


class Statements:
    """The statements for one kind of database, a key of `INSERTS`."""

    def __init__(self, tables: Tables, dialect: str) -> None:
        insert = INSERTS[dialect]
        runs, params = tables.runs, tables.params
        self.active_runs: Select[Any] = select(runs.c.run_uuid).where(
            runs.c.run_uuid.in_(bindparam("ids", expanding=True)), runs.c.lifecycle_stage == "active"
        )
        self.add_points = insert(tables.metrics).on_conflict_do_nothing()
        self.set_latest = _latest(insert, tables.latest_metrics)
        self.add_params = insert(params).on_conflict_do_nothing()
        self.params_of: Select[Any] = select(params.c.run_uuid, params.c.key, params.c.value).where(
            params.c.run_uuid.in_(bindparam("ids", expanding=True)), params.c.key.in_(bindparam("keys", expanding=True))
        )
        self.set_tags = _replacing(insert, tables.tags)


def _latest(insert: Any, latest: Table) -> Any:
    """Keep a value as the latest if it is later than the one there, as MLflow compares: by step, time and value."""
    statement = insert(latest)
    new, old = statement.excluded, latest.c
    return statement.on_conflict_do_update(
        index_elements=["key", "run_uuid"],
        set_={name: new[name] for name in ("value", "timestamp", "step", "is_nan")},
        where=tuple_(new.step, new.timestamp, new.value) > tuple_(old.step, old.timestamp, old.value),
    )


def _replacing(insert: Any, tags: Table) -> Any:
    statement = insert(tags)
    return statement.on_conflict_do_update(index_elements=["key", "run_uuid"], set_={"value": statement.excluded.value})
