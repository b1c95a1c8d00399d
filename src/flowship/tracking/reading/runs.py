"""Runs whole: their values, and the datasets and models that they are linked to.

None stands here for what MLflow must answer itself: what is not there, or is not as MLflow writes it today.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from flowship.tracking.reading.belongings import Belongings, belongings_of
from flowship.tracking.reading.rows import info
from flowship.tracking.reading.statement import Statement, among

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Dialect

    from flowship.mlflow_seams.tracking.store import Tables
    from flowship.tracking.reading.rows import Json

    Run = Mapping[Any, Any]

COLUMNS = (
    *("run_uuid", "name", "experiment_id", "user_id", "status"),
    *("start_time", "end_time", "artifact_uri", "lifecycle_stage"),
)
"""What is read of a run itself."""

MOST = 5_000
"""Runs of which one statement reads what belongs to them: databases and drivers take 32,000 parameters and more."""


class WholeRuns:
    """Reads all that belongs to some runs, in one statement, and in another the datasets of those that have some."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        inputs, datasets, input_tags = tables.inputs, tables.datasets, tables.input_tags
        self._belongings = Statement(belongings_of(tables, lambda column: among(column, "ids", dialect)), dialect)
        self._datasets = Statement(
            select(
                *(inputs.c.destination_id, inputs.c.input_uuid, input_tags.c.name, input_tags.c.value),
                *(datasets.c[name] for name in ("name", "digest", "dataset_source_type", "dataset_source")),
                *(datasets.c[name] for name in ("dataset_schema", "dataset_profile")),
            )
            .join(datasets, inputs.c.source_id == datasets.c.dataset_uuid)
            .outerjoin(input_tags, input_tags.c.input_uuid == inputs.c.input_uuid)
            .where(inputs.c.destination_type == "RUN", among(inputs.c.destination_id, "ids", dialect)),
            dialect,
        )

    def read(self, connection: Connection, runs: Sequence[Run]) -> list[Json] | None:
        """Give these runs, of each of which `COLUMNS` is given, as a search answers them."""
        found: list[Json] = []
        for start in range(0, len(runs), MOST):
            some = runs[start : start + MOST]
            belonging: dict[str, Belongings] = {run["run_uuid"]: Belongings() for run in some}
            for kind, run_id, *rest in self._belongings.rows(connection, {"ids": list(belonging)}):
                belonging[run_id].add(kind, *rest)
            datasets = self.datasets(connection, [run for run, its in belonging.items() if its.has_datasets])
            for run in some:
                run_id = run["run_uuid"]
                said = whole(run, belonging[run_id], datasets.get(run_id))
                if said is None:
                    return None
                found.append(said)
        return found

    def datasets(self, connection: Connection, run_ids: Sequence[str]) -> dict[str, list[Json]]:
        """Give the datasets of each run, each with the tags that its use has: a row for each tag, or one without."""
        if not run_ids:
            return {}
        found: dict[str, dict[str, Json]] = defaultdict(dict)
        for run_id, input_id, tag, value, *dataset in self._datasets.rows(connection, {"ids": run_ids}):
            used = found[run_id].setdefault(input_id, {"dataset": _dataset(*dataset)})
            if tag is not None:
                used.setdefault("tags", []).append({"key": tag, "value": value})
        return {run_id: list(used.values()) for run_id, used in found.items()}


class RunReader:
    """Reads single runs, each in one statement."""

    def __init__(self, tables: Tables, dialect: Dialect, several: WholeRuns) -> None:
        runs = tables.runs
        belonging = belongings_of(tables, lambda column: column == bindparam("run_id")).subquery()
        self._run = Statement(
            select(*(runs.c[name] for name in COLUMNS), *belonging.c)
            .select_from(runs.outerjoin(belonging, belonging.c.run_uuid == runs.c.run_uuid))
            .where(runs.c.run_uuid == bindparam("run_id")),
            dialect,
        )
        self._several = several

    def read(self, connection: Connection, run_id: str) -> Json | None:
        """Give the run as `runs/get` answers it."""
        rows = self._run.rows(connection, {"run_id": run_id})
        if not rows:
            return None
        belonging = Belongings()
        for row in rows:
            kind, _, *rest = row[len(COLUMNS) :]
            if kind is not None:
                belonging.add(kind, *rest)
        run = dict(zip(COLUMNS, rows[0], strict=False))
        datasets = self._several.datasets(connection, [run["run_uuid"]] if belonging.has_datasets else [])
        found = whole(run, belonging, datasets.get(run["run_uuid"]))
        if found and belonging.model_inputs:
            found["inputs"]["model_inputs"] = belonging.model_inputs
        return {"run": found} if found else None


def whole(run: Run, belonging: Belongings, datasets: list[Json] | None) -> Json | None:
    """Put a run together, without the models that went into it, which searches do not tell."""
    said = info(run, belonging.tags)
    if said is None:
        return None
    return {
        "info": said,
        "data": belonging.data,
        "inputs": {"dataset_inputs": datasets} if datasets else {},
        "outputs": {"model_outputs": belonging.model_outputs} if belonging.model_outputs else {},
    }


def links_to_models(run: Json) -> bool:
    """Tell whether the run names logged models, which MLflow withholds from those who may not read them."""
    return "model_inputs" in run["inputs"] or bool(run["outputs"])


def _dataset(name: str, digest: str, source_type: str, source: str, schema: str | None, profile: str | None) -> Json:
    said: Json = {"name": name, "digest": digest, "source_type": source_type, "source": source}
    return said | {key: value for key, value in (("schema", schema), ("profile", profile)) if value}
