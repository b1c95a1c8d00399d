"""Where MLflow does more than it must to read a span: the same is found out here with less.

Ten spans of an agent have some ninety attributes, each of which MLflow writes as JSON with an encoder of its own and
reads again twice, and for each call of a language model it looks for a package that is not installed. FastAPI, which
finds out by itself what its function wants to know of a request, is not asked where that is known.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers
from starlette.routing import Match, Route

from flowship.mlflow_seams.installation import module
from flowship.mlflow_seams.tracking.traces.spans import PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.types import Scope

DUMPING = (
    "mlflow.tracing.utils",
    "mlflow.entities.span",
    "mlflow.tracing.otel.translation",
    "mlflow.tracing.otel.translation.claude_code",
    "mlflow.server.otel_api",
)
"""The modules that write values of attributes as JSON."""

UNWRAPPING = {
    "sanitize_attributes": ("mlflow.tracing.otel.translation",),
    "strip_otlp_double_encoding": ("mlflow.tracing.otel.translation", "mlflow.server.otel_api"),  # MLflow 3.18
}
"""What takes JSON out of attributes that were written as JSON twice, and the modules that know it."""

PRICES = "litellm"
"""The package that MLflow asks first what a language model costs."""

HEADERS = {
    "x_mlflow_experiment_id": "x-mlflow-experiment-id",
    "x_mlflow_run_id": "x-mlflow-run-id",
    "content_type": "content-type",
    "content_encoding": "content-encoding",
    "user_agent": "user-agent",
    "x_mlflow_workspace": "x-mlflow-workspace",
}
"""The headers that MLflow's function for spans is given, by its parameters."""


FOUND = "flowship.headers"
"""Where the scope of a request keeps them."""


def read_spans_quickly(app: Starlette) -> None:
    """Have MLflow's app find the same of each span that it is sent, with less work."""
    _write_texts_at_once()
    _leave_single_json_alone()
    if importlib.util.find_spec(PRICES) is None:
        sys.modules[PRICES] = None  # type: ignore[assignment] # so that an import fails without looking for it
    _call_directly(app)


def _write_texts_at_once() -> None:
    own: Callable[[Any], str] = module(DUMPING[0]).dump_span_attribute_value
    quoted = json.encoder.encode_basestring

    def dump(value: Any) -> str:
        return quoted(value) if type(value) is str else own(value)

    for name in DUMPING:
        module(name).dump_span_attribute_value = dump


def _leave_single_json_alone() -> None:
    for function, modules in UNWRAPPING.items():
        for name in modules:
            if own := getattr(module(name), function, None):
                setattr(module(name), function, _unwrapping(own))


def _unwrapping(own: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def unwrap(attributes: dict[str, Any]) -> dict[str, Any]:
        return {**attributes, **own({key: value for key, value in attributes.items() if may_hold_json(value)})}

    return unwrap


def may_hold_json(value: Any) -> bool:
    """Tell whether this may be the JSON of a text that is JSON itself; `true` and the like stay texts anyhow."""
    if not isinstance(value, str) or value[:1] in " \t\r\n":
        return True
    return value[0] == '"' and not (value[1:2].isalpha() or value == '""')


def _call_directly(app: Starlette) -> None:
    endpoint: Any = module("mlflow.server.otel_api").export_traces
    if inspect.signature(endpoint).parameters.keys() == {"request", *HEADERS}:
        app.routes.insert(0, _Direct(endpoint))


class _Direct(Route):
    """Calls MLflow's function for spans with the headers that it wants; odd requests are not its own, but FastAPI's."""

    def __init__(self, endpoint: Callable[..., Any]) -> None:
        super().__init__(PATH, partial(_called, endpoint), methods=["POST"], include_in_schema=False)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether the request is of this route, and its function what it is called with."""
        match, more = super().matches(scope)
        found = _found(Headers(raw=scope.get("headers", []))) if match is Match.FULL else None
        return (Match.NONE, {}) if found is None else (match, {**more, "route": self, FOUND: found})


async def _called(endpoint: Callable[..., Any], request: Request) -> Any:
    return await endpoint(request, **request.scope[FOUND])


def _found(headers: Headers) -> Mapping[str, str | None] | None:
    """Give the headers by parameter; None where one comes twice, or the one that must be there does not."""
    several = {name: headers.getlist(header) for name, header in HEADERS.items()}
    if not several["x_mlflow_experiment_id"] or any(len(values) > 1 for values in several.values()):
        return None
    return {name: values[0] if values else None for name, values in several.items()}
