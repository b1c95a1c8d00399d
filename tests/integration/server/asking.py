"""Asks a server as a client without retries does: one raw connection, whose answers and ends can be seen."""

from __future__ import annotations

import json
import re
import time
from base64 import b64encode
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.integration.flowship import Running

SEARCH = "/api/2.0/mlflow/experiments/search?max_results=1"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
LIMIT = 120.0
"""Seconds for an answer, and for what should happen soon: it takes one, but the machine may have other work."""

_PROCESS = re.compile(r" flowship\.access \[(\d+)\] ")


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    """By name in lower case."""
    text: str

    @property
    def closes(self) -> bool:
        """Whether the server ends the connection."""
        return self.headers.get("connection", "").lower() == "close"


def connect(address: str, limit: float = LIMIT) -> HTTPConnection:
    """A connection, which is opened by its first request and never asks twice."""
    parts = urlsplit(address)
    assert parts.hostname
    return HTTPConnection(parts.hostname, parts.port, timeout=limit)


def ask(
    where: HTTPConnection | str,
    path: str,
    *,
    method: str = "GET",
    body: Any = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send one request, on this connection or on one of its own; `body` is sent as JSON unless it is bytes.

    Raises OSError or http.client.HTTPException when there is no answer.
    """
    connection = connect(where) if isinstance(where, str) else where
    content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    sent = {**({"Content-Type": "application/json"} if content is not body else {}), **(headers or {})}
    try:
        connection.request(method, path, content, sent)
        response = connection.getresponse()
        said = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, said, response.read().decode(errors="replace"))
    except BaseException:
        connection.close()
        raise
    finally:
        if isinstance(where, str):
            connection.close()


def basic(user: str, password: str) -> dict[str, str]:
    """RFC 7617's header, in UTF-8 as MLflow's client sends it."""
    return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


def eventually(holds: Callable[[], object], limit: float = LIMIT) -> float:
    """Wait until something holds, and give the seconds that it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() < began + limit, f"did not come about within {limit} s"
        time.sleep(0.01)
    return time.monotonic() - began


def answering(log: str) -> list[int]:
    """The process that answered each request of the log."""
    return [int(pid) for pid in _PROCESS.findall(log)]


def answered_by(log: str) -> set[int]:
    """The processes that have answered a request, by the log."""
    return set(answering(log))


def workers(server: Running, count: int) -> set[int]:
    """The processes of this many workers that answer now: whoever logs requests that are sent from here on."""
    seen = len(server.log())
    found: set[int] = set()

    def all_answered() -> bool:
        ask(server.address, "/version")
        found.update(answered_by(server.log()[seen:]))
        return len(found) >= count

    eventually(all_answered)
    return found
