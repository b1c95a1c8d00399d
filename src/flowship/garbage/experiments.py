"""Removes deleted experiments, when their runs are gone: their models and traces with them, then what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from flowship.database.own_tables import removals
from flowship.garbage.collecting import collect_page, remove_marked
from flowship.garbage.deleted import PAGE, UNKNOWN, of_experiment
from flowship.garbage.places import NoPlaceError, real_folder
from flowship.garbage.stores import StoreError
from flowship.garbage.tables import KEYS, column, guards
from flowship.garbage.traces import Traces, remove_trace_rows
from flowship.mlflow_seams.database.belongings import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from flowship.garbage.collecting import Collection
    from flowship.garbage.deleted import Deleted
    from flowship.garbage.stores import Amount

NOT_EMPTY = "something has come to it meanwhile; the next collection looks again"


def collect_experiment(collection: Collection, experiment: Deleted, *, marked: bool = False) -> None:
    """Remove one experiment, unless something in it stays; `marked` is one whose removal was begun before."""
    models = _models(collection, experiment)
    if not marked and (why := _reason_to_stay(collection, experiment, models)):
        return collection.keep(experiment, why)
    try:
        folder = real_folder(experiment.uri, collection.behind)
        traces = Traces.of(collection, experiment.key, folder)
    except (NoPlaceError, StoreError) as error:
        return collection.fail(experiment, str(error))
    if not collection.report.dry_run and not marked and not _mark(collection, experiment):
        return None
    for start in range(0, len(models), PAGE):
        collect_page(collection, models[start : start + PAGE])
    if collection.report.dry_run:
        return _note(collection, experiment, traces, traces.measure())
    try:
        amount = traces.empty()
        _remove_rows(collection, experiment)
    except (StoreError, SQLAlchemyError) as error:
        return collection.fail(experiment, str(error).splitlines()[0])
    if ("experiment", experiment.id) in collection.gone:
        _note(collection, experiment, traces, amount)
        collection.stores.tidy(folder)
    return None


def _note(collection: Collection, experiment: Deleted, traces: Traces, amount: Amount) -> None:
    collection.note_gone(experiment, amount)
    collection.report.traces += traces.count


def _models(collection: Collection, experiment: Deleted) -> list[Deleted]:
    with collection.writing.reading() as connection:
        found = of_experiment(connection, collection.tables, "model", experiment.key)
    return [model for model in found if ("model", model.id) not in collection.gone]


def _reason_to_stay(collection: Collection, experiment: Deleted, models: Sequence[Deleted]) -> str | None:
    if experiment.since is None and collection.reach.age:
        return UNKNOWN
    if why := collection.references.experiments.get(experiment.key):
        return why
    with collection.writing.reading() as connection:
        runs = of_experiment(connection, collection.tables, "run", experiment.key)
        guarded = [table.name for table, where in guards(collection.tables) if _any(connection, where, experiment)]
    if guarded:
        return f"{guarded[0]} of the gateway use its scorers"
    if left := next((run for run in runs if ("run", run.id) not in collection.gone), None):
        return f"its run {left.id} stays"
    pointed = collection.references.things
    if model := next((model for model in models if model.id in pointed), None):
        return f"its logged model {model.id} stays: {pointed[model.id]}"
    return None


def _any(connection: Connection, where: Any, experiment: Deleted) -> bool:
    asked = select(func.count()).where(where)
    return bool(connection.execute(asked, {KEYS: [experiment.key]}).scalar())


def _mark(collection: Collection, experiment: Deleted) -> bool:
    """Mark it as being removed, if it still may be and has no run."""
    key = column(collection.tables, "experiment")
    reaches = collection.reach.reaches(collection.tables, "experiment")
    asked = select(key).where(key == experiment.key, reaches).with_for_update()

    def mark(connection: Connection) -> bool:
        if connection.execute(asked).first() is None or _holds(collection, connection, experiment, "runs"):
            return False
        removals.begin(connection, "experiment", [experiment.id])
        return True

    return collection.writing.run(mark)


def _holds(collection: Collection, connection: Connection, experiment: Deleted, *tables: str) -> bool:
    for name in tables:
        table = collection.tables.tables[name]
        if connection.execute(select(1).where(table.c.experiment_id == experiment.key).limit(1)).first():
            return True
    return False


def _remove_rows(collection: Collection, experiment: Deleted) -> None:
    """Remove the rows, unless something is still in it. Raises what SQLAlchemy raises."""
    collection.report.rows += remove_trace_rows(collection, experiment.key)
    held = [TABLES["run"][0], TABLES["model"][0], TABLES["trace"][0]]
    with collection.writing.reading() as connection:
        if _holds(collection, connection, experiment, *held):
            return collection.fail(experiment, NOT_EMPTY)
    for gone in remove_marked(collection, [experiment]):
        collection.gone.add((gone.kind, gone.id))
    return None
