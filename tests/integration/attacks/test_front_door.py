"""What strangers send before anybody has asked who they are: heads, bodies, hosts and addresses, and silence.

One server with users and few file descriptors, under a static prefix, meets all of it.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.calm import calm
from tests.effects import shows
from tests.integration.flowship import Running, serving
from tests.integration.server.asking import basic
from tests.integration.servers.process import children
from tests.integration.users import ADMIN, auth

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "/team"
API = f"{PREFIX}/api/2.0/mlflow"
DESCRIPTORS = 256
MEBIBYTE = 1024 * 1024
LIMIT = 2 * MEBIBYTE
"""Bytes of `server.maxBodyMiB`."""
USUAL_MEMORY = 40 * MEBIBYTE
"""Bytes by which a worker may grow in an attack; what was kept before was several times as much."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    values: dict[str, Any] = {
        "auth": auth(),
        "extraArgs": {"workers": 1, "staticPrefix": PREFIX},
        "allowedHosts": ["mlflow.example.com"],
        "server": {"maxBodyMiB": 2},
    }
    few = ("prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}", "--")
    with serving(values, data=tmp_path_factory.mktemp("front") / "data", before=few) as started:
        yield started


class Raw:
    """A connection to the server that sends what it is told to, and reads one answer."""

    def __init__(self, server: Running) -> None:
        port = int(re.findall(r":(\d+)", server.address)[0])
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *failure: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            self._socket.sendall(data)

    def head(self) -> bytes:
        """The next status line and headers, as far as they come."""
        found = b""
        with contextlib.suppress(ConnectionError):
            while b"\r\n\r\n" not in found and (more := self._socket.recv(1)):
                found += more
        return found

    def rest(self) -> bytes:
        """All that comes until the server closes."""
        found = b""
        with contextlib.suppress(ConnectionError):
            while more := self._socket.recv(65536):
                found += more
        return found


def request(method: str, path: str, *headers: str, host: str = "localhost") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode()


def login(password: str = ADMIN[1]) -> str:
    return f"Authorization: {basic(ADMIN[0], password)['Authorization']}"


def answer(server: Running, *sent: bytes) -> tuple[int, str]:
    """Status and text of the answer to what is sent on a connection of its own."""
    with Raw(server) as client:
        for data in sent:
            client.send(data)
        head, _, text = client.head().partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        text = client._socket.recv(int(length[1]), socket.MSG_WAITALL) if length and int(length[1]) else b""
        return int(head.split()[1]), text.decode()


def memory(server: Running) -> int:
    """Bytes that the largest worker has ever had."""
    texts = [Path(f"/proc/{pid}/status").read_text() for pid in children(server.main_pid)]
    return max(int(re.findall(r"VmHWM:\s+(\d+)", text)[0]) * 1024 for text in texts)


@contextlib.contextmanager
def little_memory(server: Running) -> Iterator[None]:
    before = memory(server)
    yield
    assert memory(server) - before < USUAL_MEMORY


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (request("GET", PREFIX, *[f"X-A: {'a' * 1000}"] * 3_000), 431),
        (request("GET", PREFIX, f"X-A: {'a' * 20_000_000}"), 431),
        (request("GET", PREFIX, *["X: a"] * 300), 431),
        (request("GET", f"{PREFIX}/{'a' * 60_000}"), 414),
        (request("GET", f"{PREFIX}/?{'a' * 20_000_000}"), 414),
    ],
    ids=["repeated headers", "one header", "many headers", "a path", "a query"],
)
def test_a_large_head_is_refused_at_once(server: Running, head: bytes, status: int) -> None:
    begun = calm()

    with little_memory(server):
        assert answer(server, head)[0] == status

    assert calm() - begun < 5  # 12 s on two cores, and four times as much for twice as many


def test_long_paths_of_strangers_stay_neither_in_memory_nor_in_the_log(server: Running) -> None:
    size = len(server.log())
    with little_memory(server):
        for number in range(500):
            assert answer(server, request("GET", f"{PREFIX}/{number}{'p' * 16_000}", "Connection: close"))[0] == 401

    assert len(server.log()) - size < 500 * 2_100
    assert all(len(line) <= 2048 for line in server.log().splitlines())


def test_who_is_nobody_is_asked_for_a_login_before_the_body(server: Running) -> None:
    body = b"a" * (300 * MEBIBYTE // 10)
    post = request("POST", f"{API}/runs/create", f"Content-Length: {10 * len(body)}")

    with little_memory(server):
        status, text = answer(server, post, *[body] * 10)

    assert status == 401
    assert text.startswith("You are not authenticated.")


@shows("server.maxBodyMiB")
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_may_be_as_large_as_the_values_say(server: Running, chunked: bool) -> None:
    def post(size: int) -> tuple[int, str]:
        coding = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
        head = request(
            "POST", f"{PREFIX}/v1/traces", login(), coding, "Content-Type: application/json", "Connection: close"
        )
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (size, b"a" * size) if chunked else b"a" * size
        return answer(server, head, body)

    assert post(LIMIT)[0] == 422  # MLflow has read it, and misses the header with an experiment
    assert post(LIMIT + 1) == (
        413,
        "The body of the request is larger than 2 MiB, which server.maxBodyMiB allows. Send less at once, or upload it "
        "as an artifact, for which there is no limit.",
    )


def test_traces_are_not_unpacked_without_end(server: Running) -> None:
    packed = gzip.compress(b" " * (100 * MEBIBYTE), 1)
    headers = ["Content-Type: application/json", "Content-Encoding: gzip", "x-mlflow-experiment-id: 0"]
    head = request("POST", f"{PREFIX}/v1/traces", login(), *headers, f"Content-Length: {len(packed)}")

    with little_memory(server):
        status, text = answer(server, head, packed)

    assert status == 413
    assert "once unpacked" in text


def test_an_artifact_may_be_larger_than_any_other_body(server: Running) -> None:
    body = b"a" * (3 * LIMIT)
    for prefix in ("", PREFIX):
        path = f"{prefix}/api/2.0/mlflow-artifacts/artifacts/0/large"
        head = request("PUT", path, login(), f"Content-Length: {len(body)}", "Connection: close")
        assert answer(server, head, body)[0] == 200


def test_a_client_that_asks_is_told_to_continue_only_when_its_body_is_wanted(server: Running) -> None:
    expecting = ["Content-Type: application/json", "Expect: 100-continue"]
    body = json.dumps({"name": "with expect"}).encode()
    path = f"{API}/experiments/create"

    with Raw(server) as client:
        client.send(request("POST", path, login(), f"Content-Length: {len(body)}", *expecting))
        assert client.head() == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.send(body)
        assert client.head().startswith(b"HTTP/1.1 200 ")
    for status, head in (
        (b"401", request("POST", path, f"Content-Length: {len(body)}", *expecting)),
        (b"413", request("POST", path, login(), f"Content-Length: {LIMIT + 1}", *expecting)),
    ):
        with Raw(server) as client:
            client.send(head)
            refused = client.rest()
            assert refused.startswith(b"HTTP/1.1 " + status)
            assert b"connection: close" in refused


@pytest.mark.parametrize(
    "host", ["10.evil.example", "192.168.evil.example:5000", "172.16.evil.example", "evil.example"]
)
def test_a_page_whose_name_only_looks_like_an_address_reads_nothing(server: Running, host: str) -> None:
    assert answer(server, request("GET", PREFIX + "/", login(), host=host)) == (
        403,
        "Invalid Host header - possible DNS rebinding attack detected",
    )


@pytest.mark.parametrize("host", ["10.1.2.3:5000", "localhost:5000", "mlflow.example.com"])
def test_who_calls_the_server_by_its_name_or_address_is_answered(server: Running, host: str) -> None:
    assert answer(server, request("GET", f"{API}/experiments/get?experiment_id=0", login(), host=host))[0] == 200


def test_a_peer_that_nobody_trusts_cannot_say_that_it_is_another(server: Running) -> None:
    log = len(server.log())
    statuses = [
        answer(
            server,
            request("GET", f"{API}/users/current", login(f"guess {number}"), f"X-Forwarded-For: 203.0.113.{number}"),
        )[0]
        for number in range(20)
    ]

    assert set(statuses) == {401, 429}
    assert "203.0.113." not in server.log()[log:]


def test_silent_connections_make_room_and_end(server: Running) -> None:
    def ready() -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"{server.inner}/ready", timeout=30) as found:  # noqa: S310 - loopback
                return dict(json.load(found))
        except urllib.error.HTTPError as failure:
            return dict(json.load(failure))

    with contextlib.ExitStack() as silent:
        clients = [silent.enter_context(Raw(server)) for _ in range(DESCRIPTORS)]
        for client in clients[::2]:
            client.send(b"GET / HT")

        assert answer(server, request("GET", f"{API}/experiments/get?experiment_id=0", login()))[0] == 200
        deadline = time.monotonic() + 120
        while not ready()["ready"] and time.monotonic() < deadline:
            time.sleep(0.2)
        assert ready()["ready"]
    assert server.log().count("as many connections as") <= 2
