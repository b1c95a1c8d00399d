"""What belongs to runs: metrics, parameters, tags, and links to datasets and models, all in one statement.

Each of them in a statement of its own costs the database and the server more than what most runs have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Text, cast, literal_column, null, select, union_all

from flowship.tracking.reading.rows import point

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, CompoundSelect

    from flowship.mlflow_seams.tracking.store import Tables
    from flowship.tracking.reading.rows import Json

METRIC, PARAM, TAG, MODEL, DATASET = range(5)
"""What a row is."""

INPUT, OUTPUT = "RUN_INPUT MODEL_INPUT", "RUN_OUTPUT MODEL_OUTPUT"
"""How links to models say which way they go."""


def belongings_of(tables: Tables, of_runs: Callable[[ColumnElement[Any]], ColumnElement[bool]]) -> CompoundSelect[Any]:
    """Make the rows that belong to runs, whose column of ids `of_runs` compares: what each is, whose, and the rest as
    `Belongings.add` takes it."""
    metrics, params, tags, inputs = tables.latest_metrics, tables.params, tables.tags, tables.inputs
    nothing = (null(), null(), null(), null())

    def kind(number: int) -> Any:
        return literal_column(str(number), Integer).label("kind")

    way = inputs.c.source_type + " " + inputs.c.destination_type
    return union_all(
        # The first says of which types the columns are.
        select(
            *(kind(METRIC), metrics.c.run_uuid, metrics.c.key, cast(null(), Text).label("text")),
            *(metrics.c.value, metrics.c.timestamp, metrics.c.step, metrics.c.is_nan),
        ).where(of_runs(metrics.c.run_uuid)),
        *(
            select(kind(number), table.c.run_uuid, table.c.key, table.c.value, *nothing).where(
                of_runs(table.c.run_uuid)
            )
            for number, table in ((PARAM, params), (TAG, tags))
        ),
        select(kind(MODEL), inputs.c.source_id, way, inputs.c.destination_id, null(), null(), inputs.c.step, null())
        .where(inputs.c.source_type.in_([literal_column("'RUN_INPUT'"), literal_column("'RUN_OUTPUT'")]))
        .where(of_runs(inputs.c.source_id)),
        select(kind(DATASET), inputs.c.destination_id, null(), null(), *nothing)
        .where(inputs.c.destination_type == literal_column("'RUN'"))
        .where(of_runs(inputs.c.destination_id)),
    )


class Belongings:
    """Collects what belongs to one run, in the words of MLflow's JSON."""

    def __init__(self) -> None:
        self._data: dict[int, list[Json]] = {METRIC: [], PARAM: [], TAG: []}
        self.model_inputs: list[Json] = []
        self.model_outputs: list[Json] = []
        self.has_datasets = False

    def add(self, kind: int, key: str, text: str, number: float, timestamp: int, step: int, is_nan: bool) -> None:
        """Take one row in."""
        if kind == METRIC:
            self._data[kind].append(point(key, number, timestamp, step, is_nan))
        elif kind in self._data:
            self._data[kind].append({"key": key, "value": text})
        elif kind == DATASET:
            self.has_datasets = True
        elif key == INPUT:
            self.model_inputs.append({"model_id": text})
        elif key == OUTPUT:
            self.model_outputs.append({"model_id": text, "step": step})

    @property
    def tags(self) -> list[Json]:
        """The run's tags."""
        return self._data[TAG]

    @property
    def data(self) -> Json:
        """What MLflow calls the run's data."""
        named = zip(("metrics", "params", "tags"), self._data.values(), strict=True)
        return {name: found for name, found in named if found}
