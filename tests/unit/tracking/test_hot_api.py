"""Which requests are answered in front of MLflow, and that every other reaches it as it came."""

from __future__ import annotations

import json
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from flowship.auth.authenticator import CURRENT, Identity
from flowship.tracking.hot_api import READERS, HotApi
from flowship.tracking.writing.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import Message

    from flowship.tracking.writing.writes import Writes

ROUTES = {
    ("POST", "/log-metric"): "LogMetric",
    ("POST", "/update"): "UpdateRun",
    ("GET", "/get"): "GetExperiment",
    ("POST", "/search"): "SearchRuns",
}
METRIC = {"run_id": "r", "key": "loss", "value": 1, "timestamp": 1}
JSON = [(b"content-type", b"application/json; charset=utf-8")]


class Database:
    """Answers what is asked, and keeps what is written."""

    is_open = True

    def __init__(self, *, answers: bool = True) -> None:
        self._answers = answers
        self.written: list[Writes] = []

    def writer(self) -> Writer[Writes] | None:
        return Writer(self._commit) if self._answers else None

    def _commit(self, group: Sequence[Writes]) -> list[bool]:
        self.written.extend(group)
        return [True] * len(group)

    def change(self, change: Any, sender: Any) -> dict[str, Any] | None:
        return {"run_info": {}} if self._answers else None

    def read(self, asked: Any, sender: Any) -> dict[str, Any] | None:
        return {"experiment": {"name": "ä", "value": 1e300}} if self._answers else None


class Asked:
    """A hot API in front of an app that says what reached it."""

    def __init__(self, database: Any, *, gated: bool = False, identity: Identity | None = None) -> None:
        self.reached: list[bytes] = []
        self.routes: list[str] = []
        self._identity = identity
        self._app = HotApi(self._mlflow, ROUTES, database, gated=gated, answering=self.routes.append)

    def ask(
        self, method: str, path: str, query: bytes = b"", body: bytes = b"", headers: Any = JSON
    ) -> list[dict[str, Any]]:
        """The messages of the answer."""
        return anyio.run(self.ask_now, method, path, query, body, headers)

    async def ask_now(self, method: str, path: str, query: bytes, body: bytes, headers: Any) -> list[dict[str, Any]]:
        """The messages of the answer, in an event loop."""
        parts = [body[:5], body[5:]]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def send(message: Message) -> None:
            sent.append(dict(message))

        CURRENT.set(self._identity)
        scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": headers}
        await self._app(scope, receive, send)
        return sent

    async def _mlflow(self, scope: Any, receive: Any, send: Any) -> None:
        whole, more = b"", True
        while more:
            message = await receive()
            whole, more = whole + message["body"], message["more_body"]
        self.reached.append(whole)


def test_what_is_understood_is_answered_as_mlflow_does() -> None:
    asked = Asked(Database())

    start, end = asked.ask("GET", "/get", b"experiment_id=1", headers=[])

    assert start["status"] == 200
    assert dict(start["headers"]) == {
        b"content-type": b"application/json",
        b"content-length": str(len(end["body"])).encode(),
    }
    assert end["body"].decode() == json.dumps(
        {"experiment": {"name": "ä", "value": 1e300}}, indent=2, ensure_ascii=False
    )
    assert (asked.reached, asked.routes) == ([], ["/get"])


def test_what_is_written_is_answered_when_it_is_there() -> None:
    database = Database()
    asked = Asked(database)

    start, end = asked.ask("POST", "/log-metric", body=json.dumps(METRIC).encode())

    assert (start["status"], end["body"]) == (200, b"{}")
    assert [writes.run_id for writes in database.written] == ["r"]
    start, end = asked.ask("POST", "/update", body=b'{"run_id": "r"}')
    assert (start["status"], json.loads(end["body"])) == (200, {"run_info": {}})
    assert asked.reached == []


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "headers"),
    [
        ("POST", "/other", b"", b"{}", JSON),
        ("PUT", "/log-metric", b"", b"{}", JSON),
        ("POST", "/log-metric", b"", b'{"run_id":', JSON),
        ("POST", "/log-metric", b"", b'"text"', JSON),
        ("POST", "/log-metric", b"", b"[1, 2, 3, 4]", JSON),
        ("POST", "/log-metric", b"", b"", JSON),
        ("POST", "/log-metric", b"", json.dumps({**METRIC, "odd": 1}).encode(), JSON),
        ("POST", "/log-metric", b"", json.dumps({**METRIC, "key": "\ud800"}).encode(), JSON),
        ("POST", "/log-metric", b"run_id=s", json.dumps(METRIC).encode(), JSON),
        ("POST", "/log-metric", b"", json.dumps(METRIC).encode(), []),
        ("POST", "/log-metric", b"", json.dumps(METRIC).encode(), [(b"content-type", b"text/plain")]),
        ("POST", "/log-metric", b"", json.dumps(METRIC).encode(), [*JSON, (b"content-encoding", b"gzip")]),
        ("POST", "/log-metric", b"", json.dumps(METRIC).encode(), [*JSON, (b"x-mlflow-workspace", b"w")]),
        ("GET", "/get", b"experiment_id=1&experiment_id=1", b"", []),
        ("GET", "/get", b"experiment_id=1&more=", b"", []),
        ("GET", "/get", b"experiment_id=%ff", b"", []),
        ("GET", "/get", b"", b"", []),
        ("GET", "/get", b"experiment_id=1", b"{}", [(b"content-length", b"2")]),
        ("GET", "/get", b"experiment_id=1", b"{}", [(b"transfer-encoding", b"chunked")]),
    ],
)
def test_what_is_not_understood_whole_reaches_mlflow_as_it_came(
    method: str, path: str, query: bytes, body: bytes, headers: Any
) -> None:
    database = Database()
    asked = Asked(database)

    assert asked.ask(method, path, query, body, headers) == []

    assert asked.reached == [body]
    assert (asked.routes, database.written) == ([], [])


def test_what_the_database_cannot_answer_reaches_mlflow() -> None:
    asked = Asked(Database(answers=False))
    body = json.dumps(METRIC).encode()

    asked.ask("GET", "/get", b"experiment_id=1", headers=[])
    asked.ask("POST", "/log-metric", body=body)
    asked.ask("POST", "/update", body=b'{"run_id": "r"}')

    assert asked.reached == [b"", body, b'{"run_id": "r"}']


def test_where_users_log_in_only_a_known_sender_is_answered() -> None:
    database = Database()
    unknown = Asked(database, gated=True)
    admin = Asked(database, gated=True, identity=Identity("ada", is_admin=True))
    body = json.dumps(METRIC).encode()

    unknown.ask("GET", "/get", b"experiment_id=1", headers=[])
    unknown.ask("POST", "/log-metric", body=body)
    admin.ask("POST", "/log-metric", body=body)

    assert unknown.reached == [b"", body]
    assert admin.reached == []
    assert [writes.run_id for writes in database.written] == ["r"]


def test_searches_that_last_do_not_hold_up_what_is_short() -> None:
    answered = threading.Event()

    def search(*asked: Any) -> dict[str, Any]:
        assert answered.wait(60)
        return {}

    class Read(Database):
        """Answers searches when somebody has been answered something else."""

        def read(self, asked: Any, sender: Any) -> Any:
            experiments, searches = SimpleNamespace(by_id=lambda *asked: {}), SimpleNamespace(read=search)
            return asked.read_for(sender)(None, SimpleNamespace(experiments=experiments, search=searches))

    asked = Asked(Read())

    async def ask_all() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(2 * READERS):
                tasks.start_soon(asked.ask_now, "POST", "/search", b"", b"{}", JSON)
            await anyio.wait_all_tasks_blocked()
            await asked.ask_now("GET", "/get", b"experiment_id=1", b"", [])
            answered.set()

    anyio.run(ask_all)
    assert (len(asked.routes), asked.routes[0], asked.reached) == (2 * READERS + 1, "/get", [])
