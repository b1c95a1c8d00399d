"""What the hot API takes from MLflow: its routes, tables and functions, each as MLflow has it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.in_mlflow import in_mlflow, with_tables

if TYPE_CHECKING:
    from pathlib import Path

ROUTES = {
    "LogMetric": ("POST", "runs/log-metric"),
    "LogBatch": ("POST", "runs/log-batch"),
    "LogParam": ("POST", "runs/log-parameter"),
    "SetTag": ("POST", "runs/set-tag"),
    "CreateRun": ("POST", "runs/create"),
    "UpdateRun": ("POST", "runs/update"),
    "GetRun": ("GET", "runs/get"),
    "GetMetricHistory": ("GET", "metrics/get-history"),
    "GetMetricHistoryBulkInterval": ("GET", "metrics/get-history-bulk-interval"),
    "GetExperiment": ("GET", "experiments/get"),
    "GetExperimentByName": ("GET", "experiments/get-by-name"),
    "SearchRuns": ("POST", "runs/search"),
    "SearchExperiments": ("POST", "experiments/search"),
}


def test_each_hot_message_has_its_routes() -> None:
    program = (
        "import json; from flowship.tracking.hot_api import hot_routes; print(json.dumps([*hot_routes().items()]))"
    )

    found = {(method, path): message for (method, path), message in json.loads(in_mlflow(program))}

    assert found == {
        ("GET", "/ajax-api/2.0/mlflow/metrics/get-history-bulk"): "get_metric_history_bulk",
        **{
            (method, f"/{api}/2.0/mlflow/{path}"): message
            for message, (method, path) in ROUTES.items()
            for api in ("api", "ajax-api")
        },
        **{("GET", f"/{api}/2.0/mlflow/experiments/search"): "SearchExperiments" for api in ("api", "ajax-api")},
        **{("POST", f"/{api}/3.0/mlflow/traces/search"): "SearchTracesV3" for api in ("api", "ajax-api")},
        **{("POST", f"/{api}/3.0/mlflow/traces"): "StartTraceV3" for api in ("api", "ajax-api")},
    }


def test_the_tables_have_the_columns_that_are_read_and_written() -> None:
    from flowship.mlflow_seams.tracking import store as tracking

    tables = tracking.tables()

    assert {*tables.metrics.primary_key.columns.keys()} == {"key", "timestamp", "step", "run_uuid", "value", "is_nan"}
    for table in (tables.latest_metrics, tables.params, tables.tags):
        assert {*table.primary_key.columns.keys()} == {"key", "run_uuid"}
    assert {*tables.metrics.c.keys()} == {"key", "value", "timestamp", "step", "is_nan", "run_uuid"}
    assert {*tables.latest_metrics.c.keys()} == {"key", "value", "timestamp", "step", "is_nan", "run_uuid"}
    for table in (tables.params, tables.tags):
        assert {*table.c.keys()} == {"key", "value", "run_uuid"}


def test_flask_is_found_in_mlflows_app_and_something_is_put_around_it() -> None:
    program = (
        "from mlflow.server.fastapi_app import app; from flowship.mlflow_seams.tracking.store import wrap_flask\n"
        "wrapped = []\n"
        "wrap_flask(app, lambda flask: wrapped.append(type(flask).__name__) or flask)\n"
        "print(wrapped)"
    )

    assert in_mlflow(program) == "['_EfficientWSGIMiddleware']"


@pytest.mark.parametrize(
    ("variable", "value"),
    [("MLFLOW_ENABLE_WORKSPACES", "true"), ("_MLFLOW_SERVER_READ_REPLICA_BACKEND_STORE", "sqlite://")],
)
def test_a_store_with_workspaces_or_a_replica_is_left_alone(variable: str, value: str) -> None:
    program = (
        f"import os; os.environ[{variable!r}] = {value!r}\n"
        "from flowship.mlflow_seams.tracking import store as tracking; print(tracking.ordinary_store())"
    )

    assert in_mlflow(program) == "None"


def test_mlflow_says_what_it_would_keep() -> None:
    from flowship.mlflow_seams.tracking import store as tracking

    assert tracking.is_metric_name("loss")
    assert not tracking.is_metric_name("a//b")
    assert tracking.param_as_kept("p", "v" * 7000) == ("p", "v" * 6000)
    assert tracking.param_as_kept("x" * 251, "v") is None
    assert tracking.tag_as_kept("t", "v" * 9000) == ("t", "v" * 8000)
    assert tracking.tag_as_kept("", "v") is None
    assert tracking.are_within_limits(1000, 0, 0)
    assert not tracking.are_within_limits(1000, 1, 0)
    assert not tracking.are_within_limits(0, 101, 0)


def test_a_page_token_stands_for_a_place() -> None:
    from flowship.mlflow_seams.tracking import store as tracking

    assert tracking.offset_of(tracking.page_token(25)) == 25
    assert tracking.offset_of("nonsense") is None


def test_the_tag_of_a_runs_name_is_mlflows() -> None:
    from mlflow.utils.mlflow_tags import MLFLOW_RUN_NAME

    from flowship.mlflow_seams.tracking.store import RUN_NAME

    assert MLFLOW_RUN_NAME == RUN_NAME


def test_the_header_of_workspaces_is_mlflows() -> None:
    from mlflow.utils.workspace_utils import WORKSPACE_HEADER_NAME

    from flowship.mlflow_seams.tracking.store import WORKSPACE_HEADER

    assert WORKSPACE_HEADER_NAME.lower().encode() == WORKSPACE_HEADER


def test_mlflow_decides_about_a_run_by_its_experiment_alone() -> None:
    program = """
from types import SimpleNamespace
from flowship.mlflow_seams.auth.users import auth_app
from flowship.mlflow_seams.tracking import store as tracking
auth, experiments = auth_app(), {"a": "1", "b": "1", "c": "2"}
runs = {run: SimpleNamespace(info=SimpleNamespace(experiment_id=number)) for run, number in experiments.items()}
auth._get_tracking_store = lambda: SimpleNamespace(get_run=None)
auth._fetch_or_none = lambda get_run, run_id: runs.get(run_id)
for action in ("read", "update"):
    one, other, elsewhere = (auth._run_requirement(run, action) for run in "abc")
    print(one == other, one == elsewhere)
print(tracking.experiment_of_run("c"), tracking.experiment_of_run("d"))
"""
    assert in_mlflow(program).splitlines() == ["True False", "True False", "2 None"]


def test_the_experiment_of_a_run_is_read_alone_where_it_is_in_mlflows_own_store(tmp_path: Path) -> None:
    program = f"""
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from flowship.mlflow_seams.tracking import store as tracking
store = SqlAlchemyStore({f"sqlite:///{with_tables(tmp_path)}/mlflow.db"!r}, {str(tmp_path)!r})
experiment = store.create_experiment("some")
run = store.create_run(experiment, "ada", 1, [], "run").info.run_id
print(tracking.read_experiment_of_run(store.get_run, run) == store.get_run(run).info.experiment_id)
print(tracking.read_experiment_of_run(store.get_run, "none"), tracking.read_experiment_of_run(len, run))
store.engine.dispose()
"""
    assert in_mlflow(program).splitlines() == ["True", "None None"]


def test_histories_of_several_runs_have_mlflows_limits() -> None:
    program = (
        "import inspect; from mlflow.server import handlers; from flowship.mlflow_seams.tracking import store\n"
        "bulk = inspect.getsource(handlers.get_metric_history_bulk_handler)\n"
        "assert f'MAX_HISTORY_RESULTS = {store.MOST_VALUES}\\n' in bulk\n"
        "assert f'MAX_RUN_IDS_PER_REQUEST = {store.MOST_RUNS}\\n' in bulk\n"
        "assert handlers.MAX_RUNS_GET_METRIC_HISTORY_BULK == store.MOST_RUNS\n"
        "print(handlers.MAX_RESULTS_PER_RUN - store.MOST_SAMPLED)"
    )

    assert in_mlflow(program) == "0"
