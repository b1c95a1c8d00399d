"""Experiments as MLflow's tables have them, in the words of MLflow's JSON.

None stands here for what MLflow must answer itself: what is not there, or is not as MLflow writes it today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from flowship.tracking.reading.rows import pairs, pairs_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from flowship.mlflow_seams.tracking.store import Tables
    from flowship.tracking.reading.rows import Json


class ExperimentReader:
    """Reads experiments, by name or number."""

    def __init__(self, tables: Tables) -> None:
        experiments, tags = tables.experiments, tables.experiment_tags
        self._by_name = select(experiments).where(experiments.c.name == bindparam("name"))
        self._by_id = select(experiments).where(experiments.c.experiment_id == bindparam("id"))
        self._tags = pairs_of(tags).where(tags.c.experiment_id == bindparam("id"))

    def by_name(self, connection: Connection, name: str) -> Json | None:
        """Give the experiment of this name as `experiments/get-by-name` answers it."""
        return self._read(connection, self._by_name, {"name": name})

    def by_id(self, connection: Connection, number: int) -> Json | None:
        """Give the experiment of this number as `experiments/get` answers it."""
        return self._read(connection, self._by_id, {"id": number})

    def _read(self, connection: Connection, statement: Select[Any], named: Json) -> Json | None:
        rows = connection.execute(statement, named).mappings().all()
        if len(rows) != 1 or rows[0]["artifact_location"] is None:
            return None
        (row,) = rows
        tags = pairs(connection.execute(self._tags, {"id": row["experiment_id"]}))
        experiment = {
            "experiment_id": str(row["experiment_id"]),
            "name": row["name"],
            "artifact_location": row["artifact_location"],
            "lifecycle_stage": row["lifecycle_stage"],
            "last_update_time": row["last_update_time"],
            "creation_time": row["creation_time"],
            "tags": tags,
            "workspace": row["workspace"],
        }
        optional = ("last_update_time", "creation_time", "tags")
        said = {name: value for name, value in experiment.items() if value or name not in optional}
        return {"experiment": {name: value for name, value in said.items() if value is not None}}
