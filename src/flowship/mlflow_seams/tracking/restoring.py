"""Where MLflow restores what was deleted: the moment at which a row of a run or an experiment becomes active again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.database.belongings import ACTIVE

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from flowship.mlflow_seams.database.belongings import Kind


def ask_before_restoring(refusal: Callable[[Connection, Kind, str, int], str | None]) -> Callable[[], None]:
    """Ask before a run or an experiment is restored, in MLflow's own transaction, when its row is locked; a sentence
    refuses it. `refusal` is given the kind, the id, and the experiment. Gives what ends the asking."""
    from mlflow.exceptions import MlflowException
    from mlflow.store.tracking.dbmodels.models import SqlExperiment, SqlRun
    from sqlalchemy import event, inspect

    def changed(_mapper: Any, connection: Connection, row: Any) -> None:
        if row.lifecycle_stage != ACTIVE or not inspect(row).attrs.lifecycle_stage.history.has_changes():
            return
        kind: Kind = "run" if isinstance(row, SqlRun) else "experiment"
        name = str(row.run_uuid if kind == "run" else row.experiment_id)
        if sentence := refusal(connection, kind, name, int(row.experiment_id)):
            raise MlflowException.invalid_parameter_value(sentence)

    def end() -> None:
        for rows in (SqlRun, SqlExperiment):
            event.remove(rows, "after_update", changed)

    for rows in (SqlRun, SqlExperiment):
        event.listen(rows, "after_update", changed)
    return end
