from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from flowship.auth.authenticator import CURRENT, Identity
from flowship.server.http.observing.audited import LARGEST, Audited, about, audited, outcome
from flowship.server.reporting import audit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Message, Receive, Scope, Send


PREFIX = "/mlflow"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[dict[str, Any]]]:
    """What is written into the audit log."""
    found: list[dict[str, Any]] = []
    logger = logging.getLogger(audit.AUDIT)
    before = logger.handlers, logger.disabled, logger.propagate
    audit.configure(wanted=True)
    logger.handlers = [handler := logging.Handler()]
    handler.emit = lambda record: found.append(json.loads(record.getMessage()))  # type: ignore[method-assign]
    yield found
    logger.handlers, logger.disabled, logger.propagate = before


def ask(path: str, body: bytes = b"", query: bytes = b"", method: str = "POST", status: int = 200) -> bytes:
    """Send one request of Ann's to an app that reads the body and answers with this status, and give what it read."""
    read = bytearray()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (message := await receive()).get("more_body"):
            read.extend(message["body"])
        read.extend(message["body"])
        if status:
            await send({"type": "http.response.start", "status": status, "headers": []})

    parts = [body[: len(body) // 2], body[len(body) // 2 :]]
    messages = [{"type": "http.request", "body": part, "more_body": part is parts[0]} for part in parts]

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        pass

    scope = {"type": "http", "method": method, "path": path, "query_string": query, "client": ("192.0.2.1", 1)}
    token = CURRENT.set(Identity("ann"))
    try:
        asyncio.run(Audited(app, PREFIX)(scope, receive, send))
    finally:
        CURRENT.reset(token)
    return bytes(read)


@pytest.mark.parametrize(
    ("method", "path", "what"),
    [
        ("POST", "/api/2.0/mlflow/users/create", "users/create"),
        ("POST", "/ajax-api/3.0/mlflow/gateway/secrets/update", "gateway/secrets/update"),
        ("POST", "/api/2.0/mlflow/webhooks", "webhooks"),
        ("PATCH", "/api/2.0/mlflow/webhooks/w1", "webhooks/w1"),
        ("DELETE", "/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/model", "artifacts"),
        ("PUT", "/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/model", None),
        ("DELETE", "/api/2.0/mlflow/logged-models/m1/tags/a", "logged-models/m1/tags/a"),
        ("POST", "/api/2.0/mlflow/runs/log-metric", None),
        ("GET", "/api/2.0/mlflow/users/list", None),
        ("GET", "/", None),
        ("DELETE", "/api/2.0/mlflow-artifacts/artifacts/1/r/mlflow/x", "artifacts"),
        ("PUT", "/api/2.0/mlflow-artifacts/artifacts/1/r/mlflow/users/x", None),
        ("DELETE", "/api/2.0/mlflow-artifacts/artifacts/1/r/line\nbreak", "artifacts"),
        ("POST", "/gateway/proxy/e/mlflow/users/create", None),
    ],
)
def test_a_request_is_named_by_what_it_does(method: str, path: str, what: str | None) -> None:
    assert audited(method, path) == what


@pytest.mark.parametrize(
    ("prefix", "method", "path", "what"),
    [
        ("/team", "POST", "/team/ajax-api/2.0/mlflow/users/create-ui", "users/create-ui"),
        ("/mlflow", "POST", "/mlflow/api/2.0/mlflow/users/create", "users/create"),
        ("/mlflow", "DELETE", "/mlflow/api/2.0/mlflow-artifacts/artifacts/1/r/mlflow/x", "artifacts"),
        ("/api", "DELETE", "/api/2.0/mlflow-artifacts/artifacts/1/r/x", "artifacts"),
        ("/api/2.0/mlflow/runs", "POST", "/api/2.0/mlflow/runs/api/2.0/mlflow/roles/create", "roles/create"),
        ("/a.b", "POST", "/axb/api/2.0/mlflow/users/create", None),
        ("", "POST", "/team/api/2.0/mlflow/users/create", None),
    ],
)
def test_a_request_is_named_by_what_is_after_the_static_prefix(
    prefix: str, method: str, path: str, what: str | None
) -> None:
    assert audited(method, path, prefix) == what


def test_a_request_is_written_down_with_who_what_and_how_it_ended(lines: list[dict[str, Any]]) -> None:
    body = json.dumps({"username": "bob", "password": "secret"}).encode()

    assert ask(f"{PREFIX}/api/2.0/mlflow/users/create", body) == body

    (line,) = lines
    assert line.pop("time")
    assert line == {
        "audit": "request",
        "outcome": "done",
        "user": "ann",
        "client": "192.0.2.1",
        "method": "POST",
        "what": "users/create",
        "status": 200,
        "about": {"username": "bob"},
    }


def test_a_request_that_nobody_answers_has_failed(lines: list[dict[str, Any]]) -> None:
    ask("/api/2.0/mlflow/runs/delete", b"{}", status=0)
    ask("/api/2.0/mlflow/runs/search", b"{}")

    assert [line["outcome"] for line in lines] == ["failed"]


@pytest.mark.parametrize(
    ("query", "body", "said"),
    [
        (b"", b'{"run_id": "r", "secret_value": "x"}', {"run_id": "r"}),
        (b"name=m&version=3&password=x", b"", {"name": "m", "version": "3"}),
        (b"", b"username=bob&password=x&csrf_token=y", {"username": "bob"}),
        (b"", b"[1]", {}),
        (b"\xff", b"\xff", {}),
        (b"", b'{"run_id": "' + b"r" * LARGEST + b'"}', {}),
    ],
)
def test_only_names_of_users_and_things_are_taken_from_a_request(
    query: bytes, body: bytes, said: dict[str, Any]
) -> None:
    assert about(query, body) == said


@pytest.mark.parametrize(
    ("status", "word"),
    [(200, "done"), (204, "done"), (401, "refused"), (403, "refused"), (404, "failed"), (500, "failed")],
)
def test_a_status_is_told_in_a_word(status: int, word: str) -> None:
    assert outcome(status) == word
