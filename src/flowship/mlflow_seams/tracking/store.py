"""What the hot API shares with MLflow's tracking store: routes, tables and limits, and who may do what with a run."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from flowship.mlflow_seams.auth.users import auth_app
from flowship.mlflow_seams.server.app import Env

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from sqlalchemy import Engine, Table
    from starlette.types import ASGIApp

Action = Literal["read", "update"]

WORKSPACE_HEADER = b"x-mlflow-workspace"
"""The header that names a workspace, which MLflow refuses where there are none."""


RUN_NAME = "mlflow.runName"
"""The tag that MLflow keeps as the name of the run too; older versions had the name only there."""


HISTORY_BULK = "get_metric_history_bulk"
"""Stands for the message of the route for the histories of several runs, which alone has none."""

MOST_RUNS = 100
"""Runs whose histories may be asked for at once."""

MOST_SAMPLED = 2_500
"""Values of each run that a sampled history has at most."""

MOST_VALUES = 25_000
"""Values that the histories of several runs have at most in one answer."""


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


def routes(messages: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """Method, path and message of each route of MLflow that takes one of these messages, such as `LogMetric`."""
    handlers: Any = importlib.import_module("mlflow.server.handlers")
    for path, message, methods in handlers.get_endpoints(lambda request_class: request_class):
        if getattr(message, "__name__", "") in messages:
            for method in methods:
                yield method, path, message.__name__
    if HISTORY_BULK in messages:
        for rule in importlib.import_module("mlflow.server").app.url_map.iter_rules(f"serve_{HISTORY_BULK}"):
            yield "GET", rule.rule, HISTORY_BULK


def wrap_flask(app: Any, wrap: Callable[[ASGIApp], ASGIApp]) -> None:
    """Put something of ours around MLflow's Flask app, behind what MLflow itself has in front of it."""
    fastapi_app: Any = importlib.import_module("mlflow.server.fastapi_app")
    for route in app.routes:
        if isinstance(inner := getattr(route, "app", None), fastapi_app._EfficientWSGIMiddleware):
            route.app = wrap(inner)


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


def is_metric_name(key: str) -> bool:
    """Tell whether MLflow would keep a metric of this name."""
    from mlflow.utils.validation import _validate_metric

    return _passes(_validate_metric, key, 0.0, 0, 0)


def param_as_kept(key: str, value: str) -> tuple[str, str] | None:
    """Give the parameter as MLflow would keep it, long ones cut; None if it would refuse it."""
    from mlflow.utils.validation import _validate_param

    kept = _result(_validate_param, key, value)
    return kept and (kept.key, kept.value)


def tag_as_kept(key: str, value: str) -> tuple[str, str] | None:
    """Give the tag as MLflow would keep it, long ones cut; None if it would refuse it."""
    from mlflow.utils.validation import _validate_tag

    kept = _result(_validate_tag, key, value)
    return kept and (kept.key, kept.value)


def are_within_limits(metrics: int, params: int, tags: int) -> bool:
    """Tell whether MLflow would take so many of each in one batch."""
    from mlflow.utils.validation import _validate_batch_log_limits

    return _passes(_validate_batch_log_limits, range(metrics), range(params), range(tags))


def offset_of(page_token: str) -> int | None:
    """Tell where the page begins that the token stands for; None if it is none of MLflow's."""
    from mlflow.utils.search_utils import SearchUtils

    found = _result(SearchUtils.parse_start_offset_from_page_token, page_token)
    return found if isinstance(found, int) else None


def page_token(offset: int) -> str:
    """Give the token of the page that begins there."""
    from mlflow.utils.search_utils import SearchUtils

    token = SearchUtils.create_page_token(offset)
    return token.decode() if isinstance(token, bytes) else str(token)


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


def _passes(check: Any, *arguments: Any) -> bool:
    from mlflow.exceptions import MlflowException

    try:
        check(*arguments)
    except MlflowException:
        return False
    return True


def _result(make: Any, *arguments: Any) -> Any:
    from mlflow.exceptions import MlflowException

    try:
        return make(*arguments)
    except MlflowException:
        return None
