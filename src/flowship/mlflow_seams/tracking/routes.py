"""Where MLflow's routes are: their paths, and the app behind which they are answered."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from starlette.types import ASGIApp

WORKSPACE_HEADER = b"x-mlflow-workspace"
"""The header that names a workspace, which MLflow refuses where there are none."""

HISTORY_BULK = "get_metric_history_bulk"
"""Stands for the message of the route for the histories of several runs, which alone has none."""


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
