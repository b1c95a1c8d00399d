"""What MLflow's tables say of a run, a metric or an experiment, in the words of MLflow's JSON.

None stands here for what MLflow must answer itself: what is not there, or is not as MLflow writes it today.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, or_, select

from flowship.mlflow_seams.tracking import store as seam

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import BindParameter, Connection, MappingResult, RowMapping, Select, Table

    from flowship.mlflow_seams.tracking.store import Tables

    Json = dict[str, Any]

STATUSES = frozenset({"RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"})


class RunReader:
    """Reads runs whole: their values, and what they are linked to."""

    def __init__(self, tables: Tables) -> None:
        run_id: BindParameter[str] = bindparam("run_id")
        runs, inputs, datasets, input_tags = tables.runs, tables.inputs, tables.datasets, tables.input_tags
        self._run = select(runs).where(runs.c.run_uuid == run_id)
        self._metrics = _points(tables.latest_metrics).where(tables.latest_metrics.c.run_uuid == run_id)
        self._params = _pairs(tables.params).where(tables.params.c.run_uuid == run_id)
        self._tags = _pairs(tables.tags).where(tables.tags.c.run_uuid == run_id)
        self._links = select(inputs).where(or_(inputs.c.destination_id == run_id, inputs.c.source_id == run_id))
        self._datasets = (
            select(inputs.c.input_uuid, datasets)
            .join(datasets, inputs.c.source_id == datasets.c.dataset_uuid)
            .where(inputs.c.destination_type == "RUN", inputs.c.destination_id == run_id)
        )
        self._input_tags = (
            select(input_tags.c.input_uuid, input_tags.c.name.label("key"), input_tags.c.value)
            .join(inputs, inputs.c.input_uuid == input_tags.c.input_uuid)
            .where(inputs.c.destination_type == "RUN", inputs.c.destination_id == run_id)
        )

    def read(self, connection: Connection, run_id: str) -> Json | None:
        """The run as `runs/get` answers it."""
        named = {"run_id": run_id}
        run = connection.execute(self._run, named).mappings().one_or_none()
        if run is None or run["status"] not in STATUSES or run["user_id"] is None or run["start_time"] is None:
            return None
        metrics = [_point(row) for row in connection.execute(self._metrics, named).mappings()]
        params = _named(connection.execute(self._params, named).mappings())
        tags = _named(connection.execute(self._tags, named).mappings())
        data = {"metrics": metrics, "params": params, "tags": tags}
        inputs, outputs = self._linked(connection, named)
        return {
            "run": {
                "info": _info(run, tags),
                "data": {name: found for name, found in data.items() if found},
                "inputs": inputs,
                "outputs": outputs,
            }
        }

    def _linked(self, connection: Connection, named: Json) -> tuple[Json, Json]:
        """The datasets and models that went into the run, and the models that came out."""
        inputs: Json = {}
        outputs: Json = {}
        links = connection.execute(self._links, named).mappings().all()
        if any(link["destination_type"] == "RUN" for link in links):
            inputs["dataset_inputs"] = self._dataset_inputs(connection, named)
        for link in links:
            if (link["source_type"], link["destination_type"]) == ("RUN_INPUT", "MODEL_INPUT"):
                inputs.setdefault("model_inputs", []).append({"model_id": link["destination_id"]})
            if (link["source_type"], link["destination_type"]) == ("RUN_OUTPUT", "MODEL_OUTPUT"):
                model = {"model_id": link["destination_id"], "step": link["step"]}
                outputs.setdefault("model_outputs", []).append(model)
        return inputs, outputs

    def _dataset_inputs(self, connection: Connection, named: Json) -> list[Json]:
        tags: dict[str, list[Json]] = {}
        for tag in connection.execute(self._input_tags, named).mappings():
            tags.setdefault(tag["input_uuid"], []).append({"key": tag["key"], "value": tag["value"]})
        found = []
        for row in connection.execute(self._datasets, named).mappings():
            dataset = {
                "name": row["name"],
                "digest": row["digest"],
                "source_type": row["dataset_source_type"],
                "source": row["dataset_source"],
                "schema": row["dataset_schema"],
                "profile": row["dataset_profile"],
            }
            tagged = {"tags": tags[row["input_uuid"]]} if row["input_uuid"] in tags else {}
            optional = ("schema", "profile")
            found.append({**tagged, "dataset": {k: v for k, v in dataset.items() if v or k not in optional}})
        return found


def links_to_models(run: Json) -> bool:
    """Whether the run's answer names logged models, which MLflow withholds from those who may not read them."""
    return "model_inputs" in run["run"]["inputs"] or bool(run["run"]["outputs"])


class HistoryReader:
    """Reads the values of one metric of a run."""

    def __init__(self, tables: Tables) -> None:
        metrics = tables.metrics
        self._all = (
            _points(metrics)
            .where(metrics.c.run_uuid == bindparam("run_id"), metrics.c.key == bindparam("key"))
            .order_by(metrics.c.timestamp, metrics.c.step, metrics.c.value)
            .offset(bindparam("offset"))
        )
        self._some = self._all.limit(bindparam("limit"))

    def read(
        self, connection: Connection, run_id: str, key: str, offset: int, limit: int | None
    ) -> tuple[list[Json], bool]:
        """The values from `offset` on, at most `limit` of them, and whether there are more."""
        asked: Json = {"run_id": run_id, "key": key, "offset": offset}
        if limit is None:
            rows = connection.execute(self._all, asked)
        else:
            rows = connection.execute(self._some, {**asked, "limit": limit + 1})
        points = [_point(row) for row in rows.mappings()]
        return points[:limit], limit is not None and len(points) > limit


class ExperimentReader:
    """Reads experiments, by name or number."""

    def __init__(self, tables: Tables) -> None:
        experiments, tags = tables.experiments, tables.experiment_tags
        self._by_name = select(experiments).where(experiments.c.name == bindparam("name"))
        self._by_id = select(experiments).where(experiments.c.experiment_id == bindparam("id"))
        self._tags = _pairs(tags).where(tags.c.experiment_id == bindparam("id"))

    def by_name(self, connection: Connection, name: str) -> Json | None:
        """The experiment of this name as `experiments/get-by-name` answers it."""
        return self._read(connection, self._by_name, {"name": name})

    def by_id(self, connection: Connection, number: int) -> Json | None:
        """The experiment of this number as `experiments/get` answers it."""
        return self._read(connection, self._by_id, {"id": number})

    def _read(self, connection: Connection, statement: Select[Any], named: Json) -> Json | None:
        rows = connection.execute(statement, named).mappings().all()
        if len(rows) != 1 or rows[0]["artifact_location"] is None:
            return None
        (row,) = rows
        tags = _named(connection.execute(self._tags, {"id": row["experiment_id"]}).mappings())
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


class Readers:
    """What reads each kind of thing, with statements that are made once."""

    def __init__(self, tables: Tables) -> None:
        self.runs = RunReader(tables)
        self.history = HistoryReader(tables)
        self.experiments = ExperimentReader(tables)


def _points(table: Table) -> Select[Any]:
    return select(table.c.key, table.c.value, table.c.timestamp, table.c.step, table.c.is_nan)


def _pairs(table: Table) -> Select[Any]:
    return select(table.c.key, table.c.value)


def _info(run: RowMapping, tags: Iterable[Json]) -> Json:
    name = run["name"] or next((tag["value"] for tag in tags if tag["key"] == seam.RUN_NAME), run["name"])
    info = {
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
    return {key: value for key, value in info.items() if value is not None}


def _point(row: RowMapping) -> Json:
    value = "NaN" if row["is_nan"] else _number(row["value"])
    return {"key": row["key"], "value": value, "timestamp": row["timestamp"], "step": row["step"]}


def _number(value: float) -> float | str:
    """The number as protobuf's JSON writes it."""
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def _named(rows: MappingResult) -> list[Json]:
    return [{"key": row["key"], "value": row["value"]} for row in rows]
