"""Experiments as MLflow's tables have them, in the words of MLflow's JSON.

None stands here for what MLflow must answer itself: what is not there, or is not as MLflow writes it today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from flowship.tracking.reading.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Dialect

    from flowship.mlflow_seams.tracking.store import Tables
    from flowship.tracking.reading.rows import Json


COLUMNS = (
    *("experiment_id", "name", "artifact_location", "lifecycle_stage"),
    *("last_update_time", "creation_time", "workspace"),
)
"""What is read of an experiment itself."""


class ExperimentReader:
    """Reads experiments, by name or number, each with its tags in one statement."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        experiments, tags = tables.experiments, tables.experiment_tags

        def where(condition: ColumnElement[bool]) -> Statement:
            of_it = tags.c.experiment_id == experiments.c.experiment_id
            columns = (*(experiments.c[name] for name in COLUMNS), tags.c.key, tags.c.value)
            return Statement(select(*columns).select_from(experiments.outerjoin(tags, of_it)).where(condition), dialect)

        self._by_name = where(experiments.c.name == bindparam("name"))
        self._by_id = where(experiments.c.experiment_id == bindparam("id"))

    def by_name(self, connection: Connection, name: str) -> Json | None:
        """Give the experiment of this name as `experiments/get-by-name` answers it."""
        return _experiment(self._by_name.rows(connection, {"name": name}))

    def by_id(self, connection: Connection, number: int) -> Json | None:
        """Give the experiment of this number as `experiments/get` answers it."""
        return _experiment(self._by_id.rows(connection, {"id": number}))


def _experiment(rows: Sequence[Sequence[Any]]) -> Json | None:
    """Make an experiment of its rows, one for each tag, or one without."""
    found = {row[0]: dict(zip(COLUMNS, row, strict=False)) for row in rows}
    if len(found) != 1:
        return None
    (row,) = found.values()
    said = experiment(row, [{"key": key, "value": value} for *_, key, value in rows if key is not None])
    return {"experiment": said} if said else None


def experiment(row: Mapping[Any, Any], tags: list[Json]) -> Json | None:
    """Give an experiment; None if it is not as MLflow writes it today."""
    if row["artifact_location"] is None:
        return None
    said = {
        "experiment_id": str(row["experiment_id"]),
        "name": row["name"],
        "artifact_location": row["artifact_location"],
        "lifecycle_stage": row["lifecycle_stage"],
        "last_update_time": row["last_update_time"] or None,
        "creation_time": row["creation_time"] or None,
        "tags": tags or None,
        "workspace": row["workspace"],
    }
    return {name: value for name, value in said.items() if value is not None}
