"""Where MLflow reads how much one request brings: it reads, asks and checks each entry before it counts them.

A batch of 100,000 metrics, of which MLflow takes 1,000, is work for most of a minute; other lists it counts nowhere.
"""

from __future__ import annotations

import importlib
import json
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Request

BATCH = "/runs/log-batch"
"""How the routes end whose entries MLflow counts, once it has checked each."""
UPLOAD = "/upload-artifact"
"""How the route ends that is posted a file."""
ARTIFACTS = "PUT"
"""The method that brings the bytes of an artifact."""


def refuse_too_much(why: Callable[[dict[str, Any]], str | None]) -> None:
    """Have MLflow answer 400, before it asks or reads anything, to a body that it would refuse after reading each entry
    of it, in its own words, and to one for which `why` has a sentence."""
    from flask import request
    from mlflow.exceptions import MlflowException

    handlers: Any = importlib.import_module("mlflow.server.handlers")

    def count() -> None:
        body = _body(request)
        if not isinstance(body, dict):
            return
        if request.path.endswith(BATCH):
            _count_batch(body)
        if found := why(body):
            raise MlflowException.invalid_parameter_value(found)

    app: Any = importlib.import_module("mlflow.server").app
    app.before_request_funcs.setdefault(None, []).insert(0, handlers.catch_mlflow_exception(count))
    _count_runs_of_history(handlers)


def _body(request: Request) -> Any:
    """Read what the body says, as MLflow's handlers read it; None where they read none."""
    is_json = request.is_json or request.method != "POST"  # MLflow itself takes no other POST than of JSON
    if request.method == ARTIFACTS or request.path.endswith(UPLOAD) or not is_json or not request.get_data(cache=True):
        return None
    body = request.get_json(force=True, silent=True)  # which MLflow's handlers get again, without reading it once more
    if isinstance(body, str):
        try:
            return json.loads(body)  # old clients send JSON as a text within JSON
        except ValueError:
            return None
    return body


def _count_batch(body: dict[str, Any]) -> None:
    from mlflow.utils.validation import _validate_batch_log_limits

    metrics, params, tags = (body.get(name) or [] for name in ("metrics", "params", "tags"))
    if isinstance(metrics, list) and isinstance(params, list) and isinstance(tags, list):
        _validate_batch_log_limits(metrics, params, tags)


def _count_runs_of_history(handlers: Any) -> None:
    """Have GraphQL take as many runs for the history of a metric as the route of that name does."""
    from mlflow.exceptions import MlflowException

    impl, most = handlers.get_metric_history_bulk_interval_impl, handlers.MAX_RUNS_GET_METRIC_HISTORY_BULK

    @wraps(impl)
    def counted(request_message: Any) -> Any:
        if (count := len(request_message.run_ids)) > most:
            raise MlflowException.invalid_parameter_value(
                f"GetMetricHistoryBulkInterval request must specify at most {most} run_ids. Received {count} run_ids."
            )
        return impl(request_message)

    handlers.get_metric_history_bulk_interval_impl = counted
