"""Who may do what with a run, as MLflow decides it: by the run's experiment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from flowship.mlflow_seams.auth.users import auth_app
from flowship.mlflow_seams.server.app import Env
from flowship.mlflow_seams.tracking.store import tables

if TYPE_CHECKING:
    from collections.abc import Sequence

Action = Literal["read", "update"]


def experiment_of_run(run_id: str) -> str | None:
    """Give the experiment by which MLflow decides what may be done with the run; None if it finds no such run."""
    auth: Any = auth_app()
    run = auth._fetch_or_none(auth._get_tracking_store().get_run, run_id)
    return None if run is None else str(run.info.experiment_id)


def read_experiment_of_run(get_run: Any, run_id: str) -> str | None:
    """Give the experiment of a run without reading the run whole, as the `get_run` of MLflow's store does; None where
    only that one tells: of another store, of an id in another spelling, or of a database that does not answer."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
    from sqlalchemy import select
    from sqlalchemy.exc import SQLAlchemyError

    store: Any = getattr(get_run, "__self__", None)
    if type(store) is not SqlAlchemyStore or os.environ.get(Env.READ_REPLICA):
        return None
    runs = tables().runs
    try:
        with store.engine.connect() as connection:
            found = connection.execute(
                select(runs.c.run_uuid, runs.c.experiment_id).where(runs.c.run_uuid == run_id)
            ).all()
    except SQLAlchemyError:
        return None
    return str(found[0].experiment_id) if len(found) == 1 and found[0].run_uuid == run_id else None


def may_use_run(username: str, run_id: str, action: Action) -> bool:
    """Tell whether the user may do this with the run, as MLflow decides it for the routes of runs."""
    auth: Any = auth_app()
    resolved = auth._run_requirement(run_id, action)
    return resolved is not None and bool(auth.authorize(username, *resolved))


def may_read_runs(username: str, run_ids: Sequence[str]) -> bool:
    """Tell whether the user may read all of the runs, as MLflow decides it for the routes of several."""
    auth: Any = auth_app()
    get_run = auth._get_tracking_store().get_run
    runs = [auth._fetch_or_none(get_run, run_id) for run_id in run_ids]
    if any(run is None for run in runs):
        return False
    experiments = [run.info.experiment_id for run in runs]
    resolved = auth._bulk_requirements_in_experiments(experiments, auth.RESOURCE_TYPE_RUN, "read")
    return resolved is not None and bool(auth.authorize(username, *resolved))


def may_read_experiment(username: str, experiment_id: str) -> bool:
    """Tell whether the user may read the experiment, as MLflow decides it for the routes of experiments."""
    return bool(auth_app()._get_experiment_permission(experiment_id, username).can_read)
