from __future__ import annotations

import json

from tests.unit.in_mlflow import in_mlflow

SENDING = """
import asyncio, json
from fastapi import HTTPException, Request
from mlflow.server import otel_api
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from google.protobuf.json_format import MessageToJson
from flowship.mlflow_seams.reading import spans

class Store:
    async def log_spans_async(self, experiment, logged):
        self.logged = len(logged)

store = Store()
otel_api._get_tracking_store = lambda: store
spans.SPANS, spans.DETAILS = 20, 50

def request(count, attributes=0):
    made = ExportTraceServiceRequest()
    for number in range(count):
        span = made.resource_spans.add().scope_spans.add().spans.add()
        span.trace_id, span.span_id, span.name = b"t" * 16, number.to_bytes(8, "big"), "s"
        span.start_time_unix_nano, span.end_time_unix_nano = 10**18, 10**18 + 1
        for attribute in range(attributes):
            span.events.add(name="e").attributes.add(key="k").value.string_value = "v"
    return made

def say(kind, body):
    store.logged = None

    async def receive():
        return {"type": "http.request", "body": body}

    asked = Request({"type": "http", "method": "POST", "headers": []}, receive)
    named = dict.fromkeys(["x_mlflow_run_id", "content_encoding", "user_agent", "x_mlflow_workspace"])
    try:
        answer = asyncio.run(otel_api.export_traces(asked, x_mlflow_experiment_id="0", content_type=kind, **named))
    except HTTPException as error:
        return [error.status_code, store.logged, error.detail]
    return [answer.status_code, store.logged, None]

def hex_ids(text):
    said = json.loads(text)
    for source in said["resourceSpans"]:
        for span in source["scopeSpans"][0]["spans"]:
            span.update(traceId="74" * 16, spanId=span["spanId"].encode().hex()[:16])
    return json.dumps(said).encode()

def said_of(*what):
    made = request(*what)
    as_json = hex_ids(MessageToJson(made))
    return [say("application/x-protobuf", made.SerializeToString()), say("application/json", as_json)]

before = [said_of(20), said_of(2, 10)]
spans.limit_spans()
print(json.dumps([before, [said_of(20), said_of(2, 10)], [said_of(21), said_of(3, 10)]]))
"""


def test_spans_are_read_as_before_up_to_a_limit() -> None:
    before, after, refused = json.loads(in_mlflow(SENDING).splitlines()[-1])

    assert after == before
    assert [answers[0][1] for answers in before] == [20, 2]
    for protobuf, as_json in refused:
        assert protobuf[:2] == as_json[:2] == [413, None]
        assert protobuf[2].startswith("The request has ")
        assert "and links or more, and may have 20 and 50. Send fewer at once." in protobuf[2]
