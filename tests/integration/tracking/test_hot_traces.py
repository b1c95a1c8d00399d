"""Traces in a running server with PostgreSQL: many who send spans of one, a worker that is killed, a real client."""

from __future__ import annotations

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.client import as_user
from tests.integration.flowship import Running, running
from tests.integration.server.asking import ask, connect, workers
from tests.integration.servers.process import free_port
from tests.integration.tables import database_with_tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPConnection

    from tests.integration.servers.postgres import PostgresServer

SECOND = 10**9


@pytest.fixture(scope="module")
def server(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    values = {
        "backendStore": {"postgres": database_with_tables(postgres).section()},
        "extraArgs": {"workers": 2},
    }
    with running(values, data=tmp_path_factory.mktemp("traces") / "data", inner_port=free_port()) as started:
        yield started


def send(connection: HTTPConnection, trace: int, spans: range, *, root: bool = False) -> int:
    """Send spans of a trace, each with a token more; the status of the answer."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    request = ExportTraceServiceRequest()
    sent = request.resource_spans.add().scope_spans.add().spans
    for number in spans:
        is_root = root and number == spans[0]
        span = sent.add(
            trace_id=trace.to_bytes(16, "big"),
            span_id=number.to_bytes(8, "big"),
            parent_span_id=b"" if is_root else (1).to_bytes(8, "big"),
            name=f"span {number}",
            start_time_unix_nano=number * SECOND,
            end_time_unix_nano=(number + 1) * SECOND,
        )
        if not is_root:
            usage = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
            span.attributes.add(key="mlflow.chat.tokenUsage").value.string_value = json.dumps(usage)
    headers = {"Content-Type": "application/x-protobuf", "x-mlflow-experiment-id": "0"}
    return ask(connection, "/v1/traces", method="POST", body=request.SerializeToString(), headers=headers).status


def info(server: Running, trace: int) -> Any:
    answer = ask(server.address, f"/api/3.0/mlflow/traces/tr-{trace:032x}")
    assert answer.status == 200, answer.text
    return json.loads(answer.text)["trace"]["trace_info"]


def spans_of(server: Running, trace: int) -> set[str]:
    answer = ask(server.address, f"/api/3.0/mlflow/traces/get?trace_id=tr-{trace:032x}")
    assert answer.status == 200, answer.text
    return {span["name"] for span in json.loads(answer.text)["trace"]["spans"]}


def test_spans_of_one_trace_that_many_send_at_once_are_all_there(server: Running) -> None:
    def client(number: int) -> set[int]:
        with closing(connect(server.address)) as connection:
            first = 1 + number * 40
            return {
                send(connection, trace, range(first + part * 4, first + part * 4 + 4), root=number + part == 0)
                for part in range(10)
                for trace in (1, 2, 100 + number)
            }

    with ThreadPoolExecutor(6) as clients:
        assert set().union(*clients.map(client, range(6))) == {200}

    for trace in (1, 2):
        found = info(server, trace)
        usage = json.loads(found["trace_metadata"]["mlflow.trace.tokenUsage"])
        assert usage == {"input_tokens": 239, "output_tokens": 478, "total_tokens": 717}
        assert (found["request_time"], found["execution_duration"]) == ("1970-01-01T00:00:01Z", "240s")
        assert found["state"] == "OK"
        assert spans_of(server, trace) == {f"span {number}" for number in range(1, 241)}
    assert hot_requests(server) > 0


def hot_requests(server: Running) -> float:
    samples = ask(server.inner, "/metrics").text.splitlines()
    counts = [
        line.rpartition(" ")[2]
        for line in samples
        if line.startswith("mlflow_http_request_duration_seconds_count")
        and 'route="/v1/traces"' in line
        and 'hot="true"' in line
    ]
    return sum(map(float, counts))


def test_what_was_answered_is_there_after_a_worker_was_killed(server: Running) -> None:
    kept: list[int] = []
    victims = [workers(server, 2).pop()]

    def client(number: int) -> None:
        with closing(connect(server.address)) as connection:
            for trace in range(10_000 + number * 100, 10_000 + number * 100 + 30):
                try:
                    status = send(connection, trace, range(1, 4), root=True)
                except (OSError, HTTPException):
                    connection.close()  # the next request opens it again
                    continue
                if status == 200:
                    kept.append(trace)
                if len(kept) >= 40:
                    with suppress(IndexError):  # one client kills it
                        os.kill(victims.pop(), signal.SIGKILL)

    with ThreadPoolExecutor(4) as clients:
        list(clients.map(client, range(4)))

    assert victims == []
    assert len(kept) > 40
    for trace in kept[30:60]:
        assert spans_of(server, trace) == {"span 1", "span 2", "span 3"}


def test_mlflows_client_finds_what_it_traced(server: Running) -> None:
    before = hot_requests(server)

    done = as_user("trace", server.address)

    assert done == {"spans": ["child", "parent"], "run": True, "assessments": ["good"], "tag": "x"}
    assert hot_requests(server) > before
