"""A program that sends the same spans to MLflow with its own store, and with the hot API's writing in front of that,
each with a database of its own, and fails where answers or rows differ. Its arguments are the URLs of both databases,
as a list in JSON, and a number of examples.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import itertools
import json
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from flowship.tracking.requests.sender import Sender
from flowship.tracking.requests.trace_ends import end_trace
from tests.integration.tracking.sides import Answered, many, mostly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import Message

TABLES = ("trace_info", "trace_tags", "trace_request_metadata", "spans", "assessments", "trace_metrics", "span_metrics")
PATH, WHOLE = "/v1/traces", "traces"

# ---------------------------------------------------------------------------------------------------- spans that differ

TEXTS = st.one_of(st.sampled_from(["a", "ä 密 😀", "1", '"quoted"', "x" * 200, '{"a": 1}']), st.text("abc", max_size=9))
MESSAGES = json.dumps({"messages": [{"role": "user", "content": "What is ä?"}], "model": "gpt-4o-mini"})
TOKENS = ({"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}, {"input_tokens": 1, "cache_read_input_tokens": 1})
COSTS = ({"input_cost": 0.1, "output_cost": 0.2, "total_cost": 0.3}, {"input_cost": 1e-7, "total_cost": 0.7})
GOOD: dict[str, st.SearchStrategy[Any]] = {
    "mlflow.spanInputs": st.sampled_from([MESSAGES, '"in"', "x" * 1200]),
    "mlflow.spanOutputs": st.sampled_from(['{"choices": [{"message": {"role": "assistant", "content": "y"}}]}', "[1]"]),
    "mlflow.spanType": st.sampled_from(['"LLM"', "TOOL"]),
    "mlflow.chat.tokenUsage": st.sampled_from([*map(json.dumps, TOKENS), "{}", "[]", "nothing"]),
    "mlflow.llm.cost": st.sampled_from([*map(json.dumps, COSTS), "x"]),
    "mlflow.llm.model": st.sampled_from(['"gpt-4o-mini"', "m" * 501]),
    "mlflow.llm.provider": st.just('"openai"'),
    "gen_ai.usage.input_tokens": st.integers(0, 9),
    "gen_ai.usage.output_tokens": st.integers(0, 9),
    "gen_ai.request.model": st.just("gpt-4o"),
    "gen_ai.conversation.id": TEXTS,
    "input.value": TEXTS,
    "llm.token_count.prompt": st.integers(-1, 9),
    "session.id": TEXTS,
    "user.id": TEXTS,
    "mlflow.traceTag.team": TEXTS,
    "mlflow.traceTag.mlflow.traceName": TEXTS,
    "mlflow.traceTag." + "k" * 251: TEXTS,
    "odd": st.one_of(
        st.booleans(),
        st.floats(),
        st.binary(max_size=4),
        st.integers(-(2**63), 2**63 - 1),
        st.lists(st.one_of(st.integers(0, 2), TEXTS), max_size=3),
        st.dictionaries(st.sampled_from("ab"), st.integers(0, 3), max_size=2),
    ),
}
ODD: dict[str, st.SearchStrategy[Any]] = {
    "mlflow.spanType": st.just("t" * 501),
    "mlflow.chat.tokenUsage": st.sampled_from(['{"input_tokens": "x"}', '{"input_tokens": 1e99}']),
    "mlflow.llm.cost": st.sampled_from(['{"total_cost": NaN}', "[1]"]),
    "session.id": st.sampled_from(["s" * 251, "n\0ul", ""]),
    "user.id": st.sampled_from(["n\0ul", "", "u" * 8001]),
    "mlflow.traceTag.mlflow.trace.spansLocation": st.just('"ARCHIVE_REPO"'),
    "mlflow.traceTag.mlflow.traceName": st.sampled_from(["n\0ul", "t" * 8001, ""]),
}
ATTRIBUTES = mostly(st.fixed_dictionaries({}, optional=GOOD), st.fixed_dictionaries({}, optional={**GOOD, **ODD}))
TIMES = st.integers(1, 9).map(lambda second: second * 10**9 + 7)
STARTS = mostly(mostly(TIMES, st.just(0)), mostly(TIMES, st.sampled_from([2**63, 2**64 - 1])))
ENDS = mostly(TIMES, st.sampled_from([0, 2**63 - 1]))
EVENT = st.fixed_dictionaries({"name": TEXTS, "time": TIMES, "attributes": st.just({"exception.message": "no"})})
LINK = st.fixed_dictionaries({"trace": st.integers(0, 2), "span": st.integers(1, 4), "attributes": st.just({"a": "1"})})
SPAN = st.fixed_dictionaries(
    {
        "trace": mostly(st.just(0), st.integers(0, 2)),
        "span": st.integers(1, 8),
        "parent": st.one_of(st.none(), st.integers(1, 8)),
        "name": TEXTS,
        "start": STARTS,
        "end": ENDS,
        "status": st.integers(0, 2),
        "attributes": ATTRIBUTES,
        "events": st.lists(EVENT, max_size=1),
        "links": st.lists(LINK, max_size=1),
    }
)
RESOURCE = st.fixed_dictionaries(
    {},
    optional={
        "service.name": st.sampled_from(["codex_cli_rs", "mine", ""]),
        "telemetry.sdk.name": st.just("otel"),
        "mlflow.x": TEXTS,
        "list": st.lists(st.integers(0, 2), max_size=2),
        "host": TEXTS,
    },
)
SENT = st.fixed_dictionaries(
    {
        "spans": st.lists(SPAN, min_size=1, max_size=5, unique_by=lambda span: (span["trace"], span["span"])),
        "resource": RESOURCE,
        "experiment": mostly(st.just("0"), st.sampled_from(["1", "00", "x", "99", "", "-1", "2"])),
        "as": mostly(st.sampled_from(["protobuf", "json", "gzip"]), st.sampled_from(["text", "broken", "empty"])),
        "twice": mostly(st.just(False), st.just(True)),
    }
)
TAGS = {"mlflow.traceName": TEXTS, "team": TEXTS, "k" * 250: TEXTS, "mlflow.x": TEXTS}
ODD_TAGS = {**TAGS, "mlflow.traceName": st.sampled_from(["t" * 8001, ""]), "mlflow.artifactLocation": TEXTS}
METADATA: dict[str, st.SearchStrategy[Any]] = {
    "mlflow.trace.tokenUsage": st.sampled_from([*map(json.dumps, TOKENS), "{}", "x", '{"input_tokens": "y"}']),
    "mlflow.trace.cost": st.sampled_from([*map(json.dumps, COSTS), "[]", '{"total_cost": NaN}']),
    "mlflow.trace.session": TEXTS,
    "mlflow.trace.user": TEXTS,
    "mlflow.sourceRun": st.just("r"),
    "mlflow.trace.infoFinalized": st.just("false"),
    "a": TEXTS,
}
ENDED = st.fixed_dictionaries(
    {
        "trace_location": mostly(st.just("0"), st.sampled_from(["1", "99", "2", "x"])),
        "request_time": mostly(
            st.integers(1, 9).map(lambda second: second * 1000 + 7), st.sampled_from([0, -1, 253_402_300_799_999])
        ),
        "state": st.sampled_from(["OK", "ERROR", "IN_PROGRESS", "STATE_UNSPECIFIED"]),
        "tags": mostly(st.fixed_dictionaries({}, optional=TAGS), st.fixed_dictionaries({}, optional=ODD_TAGS)),
        "trace_metadata": st.fixed_dictionaries({}, optional=METADATA),
    },
    optional={
        "execution_duration": mostly(st.sampled_from([0, 1, 1_000, 1_234]), st.just(-1)),
        "client_request_id": mostly(TEXTS.map(lambda text: text[:50]), st.just("")),
        "request_preview": mostly(TEXTS, st.just("")),
        "response_preview": TEXTS,
    },
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), SENT),
        st.tuples(st.just("send"), SENT),
        st.tuples(st.just("end"), ENDED),
        st.tuples(st.sampled_from(["assess", "archive"]), st.integers(1, 9)),
    ),
    min_size=1,
    max_size=5,
)


def message(sent: dict[str, Any], example: int) -> Any:
    """The request to OpenTelemetry's protocol."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    request = ExportTraceServiceRequest()
    source = request.resource_spans.add()
    _add(source.resource.attributes, sent["resource"])
    spans = source.scope_spans.add().spans
    for said in sent["spans"] * (2 if sent["twice"] else 1):
        span = spans.add(
            trace_id=trace_bytes(said["trace"], example),
            span_id=said["span"].to_bytes(8, "big"),
            parent_span_id=said["parent"].to_bytes(8, "big") if said["parent"] else b"",
            name=said["name"],
            start_time_unix_nano=said["start"],
            end_time_unix_nano=said["end"],
        )
        span.status.code = said["status"]
        _add(span.attributes, said["attributes"])
        for each in said["events"]:
            _add(span.events.add(name=each["name"], time_unix_nano=each["time"]).attributes, each["attributes"])
        for each in said["links"]:
            link = span.links.add(trace_id=trace_bytes(each["trace"], example), span_id=each["span"].to_bytes(8, "big"))
            _add(link.attributes, each["attributes"])
    return request


def _add(attributes: Any, said: dict[str, Any]) -> None:
    from mlflow.tracing.utils.otlp import _set_otel_proto_anyvalue

    for key, value in said.items():
        _set_otel_proto_anyvalue(attributes.add(key=key).value, value)


def trace_bytes(number: int, example: int) -> bytes:
    return (example * 10 + number + 1).to_bytes(16, "big")


def body_of(sent: dict[str, Any], example: int) -> tuple[bytes, dict[str, str]]:
    """The body, and the headers that say what it is."""
    from google.protobuf.json_format import MessageToDict

    request = message(sent, example)
    protobuf = {"content-type": "application/x-protobuf"}
    match sent["as"]:
        case "json":
            said = MessageToDict(request)
            for span in said["resourceSpans"][0]["scopeSpans"][0]["spans"]:
                for held in (span, *span.get("links", [])):
                    for key in held.keys() & {"traceId", "spanId", "parentSpanId"}:
                        held[key] = base64.b64decode(held[key]).hex()
            return json.dumps(said).encode(), {"content-type": "application/json; charset=utf-8"}
        case "gzip":
            return gzip.compress(request.SerializeToString()), {**protobuf, "content-encoding": "gzip"}
        case "text":
            return request.SerializeToString(), {"content-type": "text/plain"}
        case "broken":
            return request.SerializeToString()[:-3], protobuf
        case "empty":
            return b"", protobuf
    return request.SerializeToString(), protobuf


def without_order(said: Any) -> Any:
    """The same with assessments sorted, which MLflow reads in the order in which they lie."""
    if said:
        said["trace"]["trace_info"].get("assessments", []).sort(key=lambda assessment: str(assessment["assessment_id"]))
    return said


class TraceSides:
    """MLflow's app on two databases; with the second, the hot API writes spans."""

    def __init__(self, theirs: str, ours: str) -> None:
        os.environ["_MLFLOW_SERVER_FILE_STORE"] = ours
        os.environ["_MLFLOW_SERVER_ARTIFACT_ROOT"] = "mlflow-artifacts:/"
        os.environ["MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE"] = "true"
        from mlflow.server import handlers, otel_api
        from mlflow.server.fastapi_app import app
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

        from flowship.mlflow_seams.reading.quick_spans import read_spans_quickly
        from flowship.mlflow_seams.tracking.traces.spans import write_spans_with
        from flowship.tracking.database import TrackingDatabase
        from flowship.tracking.span_intake import Intake

        self._store = TrackingDatabase()
        self.stores = (SqlAlchemyStore(theirs, "mlflow-artifacts:/"), handlers._get_tracking_store())
        self.hot = 0
        self.answered: dict[str, int] = {}
        self._app, self._otel, self._loop = app, otel_api, asyncio.new_event_loop()
        intake = Intake(self._store, self._count)

        async def write(experiment: str, spans: Sequence[Any]) -> bool:
            return self._is_ours and await intake.write(experiment, spans)

        write_spans_with(write)
        self._is_ours = False
        self._routes = [[*app.routes]]
        read_spans_quickly(app)
        self._routes.append([*app.routes])
        for store in self.stores:
            assert store.create_experiment("one") == "1"
            store.delete_experiment(store.create_experiment("deleted"))

    def _count(self, route: str) -> None:
        self.hot += 1

    def compare(self, body: bytes, headers: dict[str, str]) -> Answered:
        """What is answered with the hot API, which is what MLflow answers."""
        before = self.hot
        theirs, ours = (self._ask(side, body, headers) for side in (0, 1))
        assert (theirs.status, theirs.headers, theirs.body) == (ours.status, ours.headers, ours.body), (headers, body)
        name = f"{PATH} {'flowship' if self.hot > before else 'mlflow'}"
        self.answered[name] = self.answered.get(name, 0) + 1
        return ours

    def _ask(self, side: int, body: bytes, headers: dict[str, str]) -> Answered:
        self._is_ours = bool(side)
        self._app.router.routes[:] = self._routes[side]
        self._otel._get_tracking_store = lambda: self.stores[side]
        return self._loop.run_until_complete(self._asked(body, headers))

    async def _asked(self, body: bytes, headers: dict[str, str]) -> Answered:
        sent: list[dict[str, Any]] = []
        bodies = [body]

        async def receive() -> dict[str, Any]:
            if bodies:
                return {"type": "http.request", "body": bodies.pop(), "more_body": False}
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Message) -> None:
            sent.append(dict(message))

        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": PATH,
            "raw_path": PATH.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(b"host", b"localhost"), *((k.encode(), v.encode()) for k, v in headers.items())],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
        }
        await self._app(scope, receive, send)
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answered(sent[0]["status"], found, b"".join(each.get("body", b"") for each in sent[1:]), "")

    def rows(self, side: int) -> dict[str, list[dict[str, Any]]]:
        """All rows of all tables of traces."""
        from sqlalchemy import text

        with self.stores[side].engine.connect() as connection:
            found = {
                table: [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]  # noqa: S608
                for table in TABLES
            }
        return {table: sorted(rows, key=lambda row: sorted(map(str, row.items()))) for table, rows in found.items()}

    def empty(self) -> None:
        """Forget all traces, so that each example is as fast as the first."""
        from sqlalchemy import text

        for store in self.stores:
            with store.engine.begin() as connection:
                connection.execute(text("DELETE FROM trace_info"))

    def end(self, trace: str, said: dict[str, Any]) -> None:
        """Say of a trace what its client says at its end, and compare what is answered."""
        from mlflow.entities import TraceInfo, TraceLocation, TraceState
        from mlflow.exceptions import MlflowException
        from mlflow.protos.service_pb2 import StartTraceV3, Trace
        from mlflow.utils.proto_json_utils import message_to_json

        info = TraceInfo(
            trace_id=trace,
            **{
                **said,
                "state": TraceState(said["state"]),
                "trace_location": TraceLocation.from_experiment_id(said["trace_location"]),
            },
        )
        info = TraceInfo.from_proto(info.to_proto())  # long tags and metadata are cut before they are sent
        try:
            told = message_to_json(
                StartTraceV3.Response(trace=Trace(trace_info=self.stores[0].start_trace(info).to_proto()))
            )
        except MlflowException:  # it is archived, in another experiment, or there is no such experiment
            told = "null"
        body = json.loads(message_to_json(StartTraceV3(trace=Trace(trace_info=info.to_proto()))))
        change = end_trace(body)
        found = self._store.change(change, Sender(None)) if change else None
        if found is None:
            with suppress(MlflowException):
                self.stores[1].start_trace(info)
        else:
            assert without_order(found) == without_order(json.loads(told)), (body, found, told)
        name = f"{WHOLE} {'mlflow' if found is None else 'flowship'}"
        self.answered[name] = self.answered.get(name, 0) + 1

    def change(self, statement: str, **named: Any) -> None:
        """Change something in both databases that MLflow's API would change with an id or a time of its own."""
        from sqlalchemy import text

        for store in self.stores:
            with store.engine.begin() as connection:
                connection.execute(text(statement), named)


ASSESSMENT = (
    "INSERT INTO assessments (assessment_id, trace_id, name, assessment_type, value, created_timestamp,"
    " last_updated_timestamp, source_type, valid, experiment_id, trace_timestamp_ms)"
    " SELECT :id, request_id, 'right', 'feedback', 'true', 1, 1, 'HUMAN', :valid, experiment_id, timestamp_ms"
    " FROM trace_info WHERE request_id = :trace"
)
ARCHIVED = (
    "UPDATE trace_tags SET value = 'ARCHIVE_REPO' WHERE request_id = :trace AND key = 'mlflow.trace.spansLocation'"
)


def _do(sides: TraceSides, example: int, trace: str, place: int, what: str, said: Any) -> None:
    if what == "send":
        body, headers = body_of(said, example)
        if said["experiment"]:
            headers["x-mlflow-experiment-id"] = said["experiment"]
        sides.compare(body, headers)
    elif what == "end":
        sides.end(trace, said)
    elif what == "assess":
        sides.change(ASSESSMENT, id=f"a-{example}-{place}", trace=trace, valid=True)
    elif said == 1:
        sides.change(ARCHIVED, trace=trace)


def same(sides: TraceSides) -> None:
    """Send sequences of spans to both sides, with what else happens to traces in between."""
    examples = itertools.count(1)

    @many
    @given(steps=STEPS)
    def twins(steps: list[tuple[str, Any]]) -> None:
        example = next(examples)
        trace = f"tr-{trace_bytes(0, example).hex()}"
        try:
            for place, (what, said) in enumerate(steps):
                _do(sides, example, trace, place, what, said)
            theirs, ours = sides.rows(0), sides.rows(1)
            assert theirs == ours, (steps, {table: (theirs[table], ours[table]) for table in TABLES})
        finally:
            sides.empty()

    twins()


if __name__ == "__main__":
    both = TraceSides(*json.loads(sys.argv[1]))
    same(both)
    sys.stdout.write("\n" + json.dumps(both.answered))
