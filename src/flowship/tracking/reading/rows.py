"""Rows of MLflow's tables in the words of MLflow's JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from flowship.mlflow_seams.tracking.logged import RUN_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Select, Table

    Json = dict[str, Any]

STATUSES = frozenset({"RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"})


def points_of(table: Table) -> Select[Any]:
    """Values of metrics, with what `point` takes."""
    return select(table.c.key, table.c.value, table.c.timestamp, table.c.step, table.c.is_nan)


def point(key: str, value: float, timestamp: int, step: int, is_nan: bool) -> Json:
    """Give a value of a metric."""
    return {"key": key, "value": "NaN" if is_nan else _number(value), "timestamp": timestamp, "step": step}


def _number(value: float) -> float | str:
    """Give the number as protobuf's JSON writes it."""
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def info(run: Mapping[Any, Any], tags: Iterable[Json]) -> Json | None:
    """Give what is said of a run itself; None if it is not as MLflow writes it today."""
    if run["status"] not in STATUSES or run["user_id"] is None or run["start_time"] is None:
        return None
    name = run["name"] or next((tag["value"] for tag in tags if tag["key"] == RUN_NAME), run["name"])
    said = {
        "run_uuid": run["run_uuid"],
        "experiment_id": str(run["experiment_id"]),
        "run_name": name,
        "user_id": run["user_id"],
        "status": run["status"],
        "start_time": run["start_time"],
        "end_time": run["end_time"] or None,
        "artifact_uri": run["artifact_uri"] or None,
        "lifecycle_stage": run["lifecycle_stage"],
        "run_id": run["run_uuid"],
    }
    return {key: value for key, value in said.items() if value is not None}
