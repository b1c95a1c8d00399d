"""Where MLflow reads what clients of OpenTelemetry send: on the event loop, span by span, however many there are."""

from __future__ import annotations

import importlib
import json
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import HTTPException

SPANS = 10_000
"""Spans of one request; OpenTelemetry's exporters send 512 at once."""
DETAILS = 100_000
"""Attributes, events and links of all spans of one request."""


def limit_spans() -> None:
    """Refuse requests with more spans, or more details of them, before MLflow makes its own spans of them."""
    otel: Any = importlib.import_module("mlflow.server.otel_api")
    otel.ExportTraceServiceRequest = partial(_Counted, otel.ExportTraceServiceRequest)
    parse, convert = otel.ParseJsonProto, otel._convert_otlp_json_ids_to_base64

    def parse_json(body: bytes, request: _Counted, **options: Any) -> None:
        parse(body, request.message, **options)

    def convert_some(body: bytes) -> bytes:
        _count_json(json.loads(body))
        converted: bytes = convert(body)
        return converted

    otel.ParseJsonProto, otel._convert_otlp_json_ids_to_base64 = parse_json, convert_some


class _Counted:
    """OpenTelemetry's request, counted when its spans are asked for."""

    def __init__(self, kind: Any) -> None:
        self.message = kind()
        self._is_counted = False

    def ParseFromString(self, body: bytes) -> None:  # noqa: N802 - as protobuf names it
        """Read it from protobuf's own format."""
        self.message.ParseFromString(body)

    @property
    def resource_spans(self) -> Any:
        """The spans, by what they come from."""
        if not self._is_counted:
            _count(self.message)
            self._is_counted = True
        return self.message.resource_spans


def _count(message: Any) -> None:
    spans = details = 0
    for source in message.resource_spans:
        details += len(source.resource.attributes)
        for scope in source.scope_spans:
            spans += len(scope.spans)
            details += len(scope.scope.attributes)
            _refuse_more(spans, details)
            for span in scope.spans:
                details += len(span.attributes) + len(span.events) + len(span.links)
                details += sum(len(each.attributes) for kind in (span.events, span.links) for each in kind)
                _refuse_more(spans, details)


def _count_json(said: Any) -> None:
    """Count the same, and the sources of spans, in what JSON says: from it, protobuf's messages are made in Python."""
    spans = details = 0
    waiting = [("", said)]
    while waiting:
        name, held = waiting.pop()
        if isinstance(held, dict):
            waiting += held.items()
        elif isinstance(held, list):
            spans, details = (spans + len(held), details) if name == "spans" else (spans, details + len(held))
            _refuse_more(spans, details)
            waiting += [("", each) for each in held]


def _refuse_more(spans: int, details: int) -> None:
    if spans > SPANS or details > DETAILS:
        raise _too_many(spans, details)


def _too_many(spans: int, details: int) -> HTTPException:
    from fastapi import HTTPException

    return HTTPException(
        413,
        f"The request has {spans} spans or more, with {details} attributes, events and links or more, and may have "
        f"{SPANS} and {DETAILS}. Send fewer at once.",
    )
