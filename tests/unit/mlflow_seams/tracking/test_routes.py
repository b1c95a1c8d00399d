"""MLflow's routes that the hot API answers, and the app in front of which it stands."""

from __future__ import annotations

import json

from tests.unit.in_mlflow import in_mlflow

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


def test_flask_is_found_in_mlflows_app_and_something_is_put_around_it() -> None:
    program = (
        "from mlflow.server.fastapi_app import app; from flowship.mlflow_seams.tracking.routes import wrap_flask\n"
        "wrapped = []\n"
        "wrap_flask(app, lambda flask: wrapped.append(type(flask).__name__) or flask)\n"
        "print(wrapped)"
    )

    assert in_mlflow(program) == "['_EfficientWSGIMiddleware']"


def test_the_header_of_workspaces_is_mlflows() -> None:
    from mlflow.utils.workspace_utils import WORKSPACE_HEADER_NAME

    from flowship.mlflow_seams.tracking.routes import WORKSPACE_HEADER

    assert WORKSPACE_HEADER_NAME.lower().encode() == WORKSPACE_HEADER
