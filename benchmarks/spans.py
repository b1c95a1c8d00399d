"""The trace that is sent: an agent that asks a language model four times, and uses four tools, of which one fails."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = "/v1/traces"
BEGAN = 1_760_000_000_000_000_000
"""When the trace began, in nanoseconds since 1970."""
ID = bytes(range(100, 116))
"""Stands for the id of the trace."""
ROUNDS = 4
"""How often the agent asks the model, and then a tool."""


def agents_trace() -> Callable[[], bytes]:
    """What makes a trace of ten spans, each time with another id."""
    template = _template()
    return lambda: template.replace(ID, os.urandom(len(ID)))


@cache
def _template() -> bytes:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    request = ExportTraceServiceRequest()
    source = request.resource_spans.add()
    _say(source.resource.attributes, {"service.name": "agent", "telemetry.sdk.name": "opentelemetry"})
    spans = source.scope_spans.add().spans
    question = {"role": "user", "content": "What is the weather in Paris? " * 3}
    messages: list[dict[str, Any]] = [{"role": "system", "content": "You are helpful. " * 10}, question]
    _add(spans, 1, "agent", "AGENT", json.dumps(question), json.dumps("It is fine."), {"session.id": "a session"})
    for number in range(ROUNDS):
        answer = {"role": "assistant", "content": "An answer of some length, as models give them. " * 4}
        more = {
            "mlflow.chat.tokenUsage": json.dumps({"input_tokens": 120, "output_tokens": 45, "total_tokens": 165}),
            "mlflow.llm.model": json.dumps("gpt-4o-mini"),
            "mlflow.llm.provider": json.dumps("openai"),
        }
        said = json.dumps({"messages": messages, "model": "gpt-4o-mini"})
        _add(spans, 2 + 2 * number, "chat", "CHAT_MODEL", said, json.dumps({"choices": [{"message": answer}]}), more)
        _add(spans, 3 + 2 * number, f"tool {number}", "TOOL", json.dumps({"city": "Paris"}), json.dumps("sunny"), {})
        messages += [answer, {"role": "tool", "content": "sunny"}]
    failed = _add(spans, 2 + 2 * ROUNDS, "tool that fails", "TOOL", json.dumps({"city": ""}), "null", {})
    failed.status.code, failed.status.message = 2, "ValueError: no city"
    _say(failed.events.add(name="exception", time_unix_nano=BEGAN).attributes, {"exception.message": "no city"})
    return bytes(request.SerializeToString())


def _add(spans: Any, number: int, name: str, kind: str, inputs: str, outputs: str, more: dict[str, str]) -> Any:
    span = spans.add(
        trace_id=ID,
        span_id=number.to_bytes(8, "big"),
        parent_span_id=b"" if number == 1 else (1).to_bytes(8, "big"),
        name=name,
        start_time_unix_nano=BEGAN + number * 1_000_000,
        end_time_unix_nano=BEGAN + 100_000_000,
    )
    span.status.code = 1
    known = {"mlflow.spanType": json.dumps(kind), "mlflow.spanInputs": inputs, "mlflow.spanOutputs": outputs}
    _say(span.attributes, known | more)
    return span


def _say(attributes: Any, said: dict[str, str]) -> None:
    for key, value in said.items():
        attributes.add(key=key).value.string_value = value
