"""MLflow's ordinary tracking store, and the tables that the hot API reads and writes beside it."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.server.app import Env

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table


@dataclass(frozen=True)
class Tables:
    """The tables of MLflow's tracking store that the hot API reads and writes."""

    experiments: Table
    experiment_tags: Table
    runs: Table
    metrics: Table
    latest_metrics: Table
    params: Table
    tags: Table
    inputs: Table
    input_tags: Table
    datasets: Table


def tables() -> Tables:
    """Give the tables, as MLflow's own models declare them."""
    models: Any = importlib.import_module("mlflow.store.tracking.dbmodels.models")
    return Tables(
        experiments=models.SqlExperiment.__table__,
        experiment_tags=models.SqlExperimentTag.__table__,
        runs=models.SqlRun.__table__,
        metrics=models.SqlMetric.__table__,
        latest_metrics=models.SqlLatestMetric.__table__,
        params=models.SqlParam.__table__,
        tags=models.SqlTag.__table__,
        inputs=models.SqlInput.__table__,
        input_tags=models.SqlInputTag.__table__,
        datasets=models.SqlDataset.__table__,
    )


def ordinary_store() -> Any | None:
    """MLflow's tracking store, if it is its SQL store, alone and without workspaces; opened when it is not yet."""
    from mlflow.environment_variables import MLFLOW_ENABLE_WORKSPACES
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    if MLFLOW_ENABLE_WORKSPACES.get() or os.environ.get(Env.READ_REPLICA):
        return None
    store = importlib.import_module("mlflow.server.handlers")._get_tracking_store()
    return store if type(store) is SqlAlchemyStore else None


def engine_of(store: Any) -> Engine:
    """Give the engine with which the store reads and writes."""
    engine: Engine = store.engine
    return engine


def tells_retention(store: Any) -> bool:
    """Tell whether experiments are answered with how long their traces are kept, which the store works out."""
    return store._get_effective_experiment_trace_archival_retention_context() is not None
