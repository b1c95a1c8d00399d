"""Where MLflow takes places from clients, which it later reads and writes itself.

What is asked stands right before a place is kept, so that all ways to say it (both versions of the API, `/ajax-api`,
OpenTelemetry) come by, and what is decided is what will be kept.
"""

from __future__ import annotations

import functools
import os
import re
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from flowship.mlflow_seams.installation import module
from flowship.mlflow_seams.server.app import PROXIED_ROOT, Env

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Rules(Protocol):
    """What a client may name: None, or the sentence that refuses."""

    def location(self, field: str, address: str) -> str | None: ...

    def source(self, address: str, own: Callable[[], Iterable[str]]) -> str | None: ...


def client_roots() -> tuple[str, ...]:
    """Give the artifact roots that the environment tells MLflow, in the words that clients know."""
    found = [os.environ.get(Env.ARTIFACT_ROOT, PROXIED_ROOT)]
    if os.environ.get(Env.SERVE_ARTIFACTS) == "true":
        found.append(PROXIED_ROOT)
    return tuple(dict.fromkeys(found))


def guard_places(rules: Rules, is_free: Callable[[], bool]) -> None:
    """Refuse what the rules refuse, in a server's process, unless the sender of the request is free of them."""
    _guard_locations(rules, is_free)
    _guard_sources(rules, is_free)
    _guard_traces()


def _guard_locations(rules: Rules, is_free: Callable[[], bool]) -> None:
    """Guard the places of experiments and workspaces."""
    handlers = module("mlflow.server.handlers")
    validate = handlers._validate_storage_location_uri

    def validate_storage_location(value: str, field_name: str) -> str:
        valid: str = validate(value, field_name)
        if (refusal := rules.location(field_name, valid)) and not is_free():
            _deny(refusal)
        return valid

    handlers._validate_storage_location_uri = validate_storage_location


def _guard_sources(rules: Rules, is_free: Callable[[], bool]) -> None:
    """Guard the sources of model versions, as MLflow has resolved them."""
    handlers = module("mlflow.server.handlers")
    store: Any = module("mlflow.store.model_registry.sqlalchemy_store").SqlAlchemyStore
    create = store.create_model_version

    @functools.wraps(create)
    def create_model_version(
        self: Any,
        name: str,
        source: str,
        run_id: str | None = None,
        *more: Any,
        model_id: str | None = None,
        **named: Any,
    ) -> Any:
        if source not in handlers._PROMPT_SOURCE_PLACEHOLDERS:
            refusal = rules.source(source, lambda: _own_places(run_id, model_id))
            if refusal and not is_free():
                _deny(refusal)
        return create(self, name, source, run_id, *more, model_id=model_id, **named)

    store.create_model_version = create_model_version


def _own_places(run_id: str | None, model_id: str | None) -> Iterator[str]:
    """Tell where the artifacts of this run and this logged model are, as far as there are such."""
    from mlflow.exceptions import MlflowException

    store = module("mlflow.server.handlers")._get_tracking_store()
    try:
        if run_id:
            yield store.get_run(run_id).info.artifact_uri
        if model_id:
            yield store.get_logged_model(model_id).artifact_location
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise


def _guard_traces() -> None:
    """Guard the tags that say where a trace is read and, when it is deleted, what is deleted. MLflow's client lets
    nobody set them."""
    tracking = module("mlflow.store.tracking.sqlalchemy_store")
    store = tracking.SqlAlchemyStore
    validate, start = tracking._validate_trace_tag, store.start_trace
    start_old, end_old = store.deprecated_start_trace_v2, store.deprecated_end_trace_v2
    locate = store._get_trace_artifact_location_tag
    places = _place_tags()

    def others(tags: dict[str, str]) -> dict[str, str]:
        return {key: value for key, value in tags.items() if key not in places}

    def validate_trace_tag(key: str, value: str) -> Any:
        if key in places:
            _invalid(f"Tag '{key}' is immutable and cannot be set on a trace.")
        return validate(key, value)

    @functools.wraps(start)
    def start_trace(self: Any, trace_info: Any) -> Any:
        trace_info.tags = others(trace_info.tags)
        return start(self, trace_info)

    @functools.wraps(start_old)
    def deprecated_start_trace(self: Any, *arguments: Any, tags: dict[str, str], **named: Any) -> Any:
        return start_old(self, *arguments, tags=others(tags), **named)

    @functools.wraps(end_old)
    def deprecated_end_trace(self: Any, *arguments: Any, tags: dict[str, str], **named: Any) -> Any:
        return end_old(self, *arguments, tags=others(tags), **named)

    @functools.wraps(locate)
    def get_trace_artifact_location_tag(self: Any, experiment: Any, trace_id: str) -> Any:
        if not re.fullmatch(r"(?!\.{1,2}$)[^/\\%?#\0-\x20\x7f]+", trace_id):
            _invalid(
                f"Invalid trace ID: {trace_id!r}. It becomes part of the place where the trace is kept, so it must not "
                "hold a slash, a backslash, `%`, `?`, `#` or a space, nor be `.` or `..`."
            )
        return locate(self, experiment, trace_id)

    tracking._validate_trace_tag = validate_trace_tag
    store.start_trace = start_trace
    store.deprecated_start_trace_v2, store.deprecated_end_trace_v2 = deprecated_start_trace, deprecated_end_trace
    store._get_trace_artifact_location_tag = get_trace_artifact_location_tag


def _place_tags() -> frozenset[str]:
    from mlflow.utils import mlflow_tags

    return frozenset(
        {
            mlflow_tags.MLFLOW_ARTIFACT_LOCATION,
            mlflow_tags.MLFLOW_TRACE_SPANS_LOCATION,
            mlflow_tags.MLFLOW_TRACE_ARCHIVE_LOCATION,
        }
    )


def _deny(sentence: str) -> NoReturn:
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import PERMISSION_DENIED

    raise MlflowException(sentence, error_code=PERMISSION_DENIED)


def _invalid(sentence: str) -> NoReturn:
    from mlflow.exceptions import MlflowException

    raise MlflowException.invalid_parameter_value(sentence)
