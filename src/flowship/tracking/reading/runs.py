"""Runs whole: their values, and the datasets and models that they are linked to.

None stands here for what MLflow must answer itself: what is not there, or is not as MLflow writes it today.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from flowship.tracking.reading.rows import info, pairs_of, point, points_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import BindParameter, Connection, RowMapping, Select

    from flowship.mlflow_seams.tracking.store import Tables
    from flowship.tracking.reading.rows import Json

COLUMNS = (
    *("run_uuid", "name", "experiment_id", "user_id", "status"),
    *("start_time", "end_time", "artifact_uri", "lifecycle_stage"),
)
"""What is read of a run itself."""

MOST = 5_000
"""Runs of which one statement reads what belongs to them: databases and drivers take 32,000 parameters and more."""

ById = dict[str, Any]


class WholeRuns:
    """Reads all that belongs to some runs, in a few statements for all of them."""

    def __init__(self, tables: Tables) -> None:
        inputs, datasets, input_tags = tables.inputs, tables.datasets, tables.input_tags
        ids: BindParameter[Any] = bindparam("ids", expanding=True)

        def of_runs(table: Any, values: Select[Any]) -> Select[Any]:
            return select(table.c.run_uuid, *values.selected_columns).where(table.c.run_uuid.in_(ids))

        self._metrics = of_runs(tables.latest_metrics, points_of(tables.latest_metrics))
        self._params = of_runs(tables.params, pairs_of(tables.params))
        self._tags = of_runs(tables.tags, pairs_of(tables.tags))
        self._models = select(
            inputs.c.source_id, inputs.c.source_type, inputs.c.destination_type, inputs.c.destination_id, inputs.c.step
        ).where(inputs.c.source_type.in_(("RUN_INPUT", "RUN_OUTPUT")), inputs.c.source_id.in_(ids))
        self._datasets = (
            select(
                *(inputs.c.destination_id, inputs.c.input_uuid, input_tags.c.name, input_tags.c.value),
                *(datasets.c[name] for name in ("name", "digest", "dataset_source_type", "dataset_source")),
                *(datasets.c[name] for name in ("dataset_schema", "dataset_profile")),
            )
            .join(datasets, inputs.c.source_id == datasets.c.dataset_uuid)
            .outerjoin(input_tags, input_tags.c.input_uuid == inputs.c.input_uuid)
            .where(inputs.c.destination_type == "RUN", inputs.c.destination_id.in_(ids))
        )

    def read(
        self, connection: Connection, runs: Sequence[RowMapping], *, with_model_inputs: bool = False
    ) -> list[Json] | None:
        """These runs, of each of which `COLUMNS` is given."""
        found: list[Json] = []
        for start in range(0, len(runs), MOST):
            some = runs[start : start + MOST]
            ids = {"ids": [run["run_uuid"] for run in some]}
            data = self._data(connection, ids)
            inputs, outputs = self._linked(connection, ids, with_model_inputs=with_model_inputs)
            for run in some:
                run_id = run["run_uuid"]
                said = info(run, data[run_id].get("tags", ()))
                if said is None:
                    return None
                found.append({"info": said, "data": data[run_id], "inputs": inputs[run_id], "outputs": outputs[run_id]})
        return found

    def _data(self, connection: Connection, ids: Json) -> ById:
        data: ById = defaultdict(dict)
        for run_id, *values in connection.execute(self._metrics, ids):
            data[run_id].setdefault("metrics", []).append(point(*values))
        for name, statement in (("params", self._params), ("tags", self._tags)):
            for run_id, key, value in connection.execute(statement, ids):
                data[run_id].setdefault(name, []).append({"key": key, "value": value})
        return data

    def _linked(self, connection: Connection, ids: Json, *, with_model_inputs: bool) -> tuple[ById, ById]:
        """Give the datasets and models that went into each run, and the models that came out."""
        inputs: ById = defaultdict(dict)
        outputs: ById = defaultdict(dict)
        for run_id, datasets in self._dataset_inputs(connection, ids).items():
            inputs[run_id]["dataset_inputs"] = datasets
        for run_id, source, destination, model_id, step in connection.execute(self._models, ids):
            if (source, destination) == ("RUN_OUTPUT", "MODEL_OUTPUT"):
                outputs[run_id].setdefault("model_outputs", []).append({"model_id": model_id, "step": step})
            if (source, destination) == ("RUN_INPUT", "MODEL_INPUT") and with_model_inputs:
                inputs[run_id].setdefault("model_inputs", []).append({"model_id": model_id})
        return inputs, outputs

    def _dataset_inputs(self, connection: Connection, ids: Json) -> dict[str, list[Json]]:
        """Give the datasets of each run, each with the tags that its use has: a row for each tag, or one without."""
        found: dict[str, dict[str, Json]] = defaultdict(dict)
        for run_id, input_id, tag, value, *dataset in connection.execute(self._datasets, ids):
            used = found[run_id].setdefault(input_id, {"dataset": _dataset(*dataset)})
            if tag is not None:
                used.setdefault("tags", []).append({"key": tag, "value": value})
        return {run_id: list(used.values()) for run_id, used in found.items()}


class RunReader:
    """Reads single runs."""

    def __init__(self, tables: Tables, whole: WholeRuns) -> None:
        runs = tables.runs
        self._run = select(*(runs.c[name] for name in COLUMNS)).where(runs.c.run_uuid == bindparam("run_id"))
        self._whole = whole

    def read(self, connection: Connection, run_id: str) -> Json | None:
        """Give the run as `runs/get` answers it."""
        rows = connection.execute(self._run, {"run_id": run_id}).mappings().all()
        found = self._whole.read(connection, rows, with_model_inputs=True)
        return {"run": found[0]} if found else None


def links_to_models(run: Json) -> bool:
    """Tell whether the run names logged models, which MLflow withholds from those who may not read them."""
    return "model_inputs" in run["inputs"] or bool(run["outputs"])


def _dataset(name: str, digest: str, source_type: str, source: str, schema: str | None, profile: str | None) -> Json:
    said: Json = {"name": name, "digest": digest, "source_type": source_type, "source": source}
    return said | {key: value for key, value in (("schema", schema), ("profile", profile)) if value}
