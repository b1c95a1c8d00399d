"""The commands, with a server on loopback that answers as it is told."""

from __future__ import annotations

import json
import threading
import time
import webbrowser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from flowship.client.log_ins import LogIn, keep, log_ins
from tests.unit.cli.running import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STARTED = {"code": "BCDF-GHJK", "secret": "s", "seconds": 4, "every": 2}
TOKEN = {"token": "flowship_secret", "user": "ann", "ends": 2_000_000_000}


class Server:
    def __init__(self) -> None:
        self.address = ""
        self.answers: dict[str, list[tuple[int, Any]]] = {}
        """By path, in turn; the last one again and again."""
        self.asked: list[tuple[str, dict[str, str], str | None]] = []

    def answer(self, path: str, form: dict[str, str], authorization: str | None) -> tuple[int, Any]:
        self.asked.append((path, form, authorization))
        given = self.answers.get(path, [(404, "none")])
        return given.pop(0) if len(given) > 1 else given[0]


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            self._answer(dict(parse_qsl(self.rfile.read(int(self.headers["content-length"])).decode())))

        def _answer(self, form: dict[str, str]) -> None:
            status, said = found.answer(self.path, form, self.headers["authorization"])
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the method that it replaces
            del format, args

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.address = f"http://127.0.0.1:{running.server_port}"
    thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Sleep no time, and open no browser; gives what would have been opened."""
    opened: list[str] = []
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    monkeypatch.setattr(webbrowser, "open", opened.append)
    return opened


def test_login_shows_a_code_waits_and_keeps_the_token(server: Server, quick: list[str], home: Path) -> None:
    (home / ".netrc").write_text("machine 127.0.0.1 login eve password sesame\n")
    (home / ".netrc").chmod(0o600)
    server.answers = {
        "/terminal/begin": [(200, STARTED)],
        "/terminal/fetch": [(202, {"state": "waiting"}), (503, {}), (200, TOKEN)],
    }
    result = run("login", server.address)

    assert result.exit_code == 0, result.output
    assert "BCDF-GHJK" in result.output
    assert f"logged in at {server.address} as ann until 2033-05-18" in result.output
    assert "flowship_secret" not in result.output
    assert quick == [f"{server.address}/terminal"]
    assert log_ins() == {server.address: LogIn("ann", "flowship_secret", 2_000_000_000)}
    begin, *fetches = server.asked
    assert begin[1]["scope"] == "all"
    assert begin[1]["program"].startswith("flowship ")
    assert [each[1:] for each in fetches] == [({"secret": "s"}, None)] * 3


def test_login_may_ask_to_read_only_and_open_no_browser(server: Server, quick: list[str]) -> None:
    server.answers = {"/terminal/begin": [(200, STARTED)], "/terminal/fetch": [(200, TOKEN)]}

    assert run("login", server.address, "--read-only", "--no-browser").exit_code == 0
    assert server.asked[0][1]["scope"] == "read"
    assert quick == []


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({}, "offers no log-in from a terminal. It needs Flowship with users, sessions.enabled and tokens.enabled."),
        ({"/terminal/begin": [(200, [])]}, "offers no log-in from a terminal"),
        ({"/terminal/begin": [(302, STARTED)], "/terminal/fetch": [(302, TOKEN)]}, "does not let this terminal in"),
        ({"/terminal/begin": [(429, {"error": "Too many terminals wait."})]}, "Too many terminals wait."),
        (
            {"/terminal/begin": [(200, STARTED)], "/terminal/fetch": [(410, {"state": "refused"})]},
            "the log-in was refused in the browser.",
        ),
        (
            {"/terminal/begin": [(200, STARTED)], "/terminal/fetch": [(202, {"state": "waiting"})]},
            "nobody has confirmed the code in time. Log in again.",
        ),
    ],
)
def test_login_says_why_it_did_not_work(server: Server, answers: dict[str, Any], sentence: str) -> None:
    server.answers = answers
    result = run("login", server.address)

    assert result.exit_code == 1
    assert sentence in result.output
    assert log_ins() == {}


def test_login_sends_nothing_where_it_could_be_read() -> None:
    result = run("login", "http://mlflow.example.com")

    assert result.exit_code == 1
    assert "mlflow.example.com: whoever is on the way could read the token." in result.output


def test_logout_ends_the_token_and_forgets_it(server: Server) -> None:
    keep(server.address, LogIn("ann", "flowship_secret"))
    server.answers = {"/terminal/end": [(200, {"ended": True})]}

    assert f"logged out at {server.address}" in run("logout").output
    assert server.asked == [("/terminal/end", {"token": "flowship_secret"}, None)]
    assert log_ins() == {}


def test_a_logout_that_the_server_does_not_hear_forgets_the_token_and_says_so(server: Server) -> None:
    keep(server.address, LogIn("ann", "flowship_secret"))
    result = run("logout", f"{server.address}/")

    assert result.exit_code == 1
    assert "answers 404, so its token is not revoked. Revoke it on the page /tokens." in result.output
    assert log_ins() == {}


def test_whoami_asks_the_server(server: Server) -> None:
    keep(server.address, LogIn("ann", "flowship_secret", 2_000_000_000))
    path = "/api/2.0/mlflow/users/current"
    server.answers = {path: [(200, {"username": "ann", "is_admin": True}), (401, {}), (200, "x")]}

    assert run("whoami").output == f"ann, an admin, at {server.address} until 2033-05-18\n"
    assert server.asked == [(path, {}, "Bearer flowship_secret")]
    gone = run("whoami")
    assert (gone.exit_code, "does not take the log-in any more. Log in again." in gone.output) == (1, True)
    assert "does not say who is logged in (AttributeError)." in run("whoami").output


def test_which_server_is_meant_is_asked() -> None:
    assert "You are logged in nowhere. Run: flowship login URL" in run("whoami").output
    keep("https://a", LogIn("ann", "t"))
    keep("https://b", LogIn("ann", "t"))
    assert "You are logged in at https://a, https://b. Name one of them." in run("logout").output
    assert "You are not logged in at https://c. Run: flowship login https://c" in run("whoami", "https://c").output
