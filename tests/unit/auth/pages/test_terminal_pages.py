from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from flowship.auth.authenticator import CURRENT, Identity
from flowship.auth.gate.for_people import for_people
from flowship.auth.memory.failures import FREE_FOR_A_NAME
from flowship.auth.pages.terminal_pages import BY_A_TOKEN, FOREIGN, UNKNOWN, TerminalPages
from flowship.database.own_tables import terminal_requests, tokens_table
from tests.unit.in_memory import execute, in_memory

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

ANN = Identity("ann", login="Ann@example.com")
OWN = [(b"host", b"mlflow"), (b"origin", b"https://mlflow")]


class Site:
    """The pages with a database of users, ann and eve."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        tokens_table.create(self.engine)
        terminal_requests.create(self.engine)
        execute(engine, "CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT)")
        execute(engine, "INSERT INTO users (username) VALUES ('ann'), ('eve')")
        self.done: list[tuple[str, str]] = []
        self.ended: list[str] = []
        self.down = False
        self.pages = TerminalPages(
            self._found,
            static_prefix="/ml",
            origins=frozenset(),
            ended=self.ended.append,
            record=lambda done, identity, token, address: self.done.append((done, identity.username)),
        )

    def _found(self) -> Engine:
        if self.down:
            raise OperationalError("statement", {}, Exception("secret"))
        return self.engine

    def send(
        self,
        path: str,
        form: dict[str, str] | None = None,
        *,
        who: Identity | None = None,
        headers: list[tuple[bytes, bytes]] | None = None,
        address: str = "192.0.2.9",
        method: str = "POST",
    ) -> tuple[int, str]:
        """Send a request through what is in front of the gate, the gate, and what is behind it."""
        sent: list[MutableMapping[str, Any]] = []

        async def mlflow(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 404, "headers": []})

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": urlencode(form or {}).encode()}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        async def served() -> None:
            token = CURRENT.set(who)
            try:
                app = self.pages.in_front_of(for_people(mlflow, [self.pages.route]))
                kind = (b"content-type", b"application/x-www-form-urlencoded")
                scope = {
                    "type": "http",
                    "method": method,
                    "path": f"/ml{path}",
                    "headers": [kind, *(OWN if headers is None else headers)],
                    "client": (address, 1),
                }
                await app(scope, receive, send)
            finally:
                CURRENT.reset(token)

        asyncio.run(served())
        return sent[0]["status"], b"".join(each.get("body", b"") for each in sent).decode()

    def asked(self, what: str, **form: str) -> tuple[int, dict[str, Any]]:
        status, said = self.send(f"/terminal/{what}", form, headers=[])
        return status, json.loads(said)

    def begun(self, **form: str) -> dict[str, Any]:
        status, said = self.asked("begin", **{"program": "flowship on <b>laptop</b>", "scope": "all", **form})
        assert status == 200
        return said


@pytest.fixture
def site() -> Iterator[Site]:
    with in_memory() as engine:
        yield Site(engine)


def test_a_terminal_is_let_in_by_who_types_its_code(site: Site) -> None:
    begun = site.begun()
    assert re.fullmatch("[A-Z]{4}-[A-Z]{4}", begun["code"])
    assert site.asked("fetch", secret=begun["secret"]) == (202, {"state": "waiting"})
    assert site.send("/terminal", who=ANN, method="GET")[0] == 200

    status, page = site.send("/terminal", {"code": begun["code"].lower()}, who=ANN)
    assert status == 200
    assert "<strong>192.0.2.9</strong>" in page
    assert "flowship on &lt;b&gt;laptop&lt;/b&gt;" in page
    assert begun["code"] in page
    assert "<strong>ann</strong>" in page
    assert 'role="alert"' not in page
    assert site.asked("fetch", secret=begun["secret"])[0] == 202

    assert site.send("/terminal", {"code": begun["code"], "do": "allow"}, who=ANN)[0] == 200
    status, said = site.asked("fetch", secret=begun["secret"])
    assert (status, said["user"]) == (200, "ann")
    assert site.asked("fetch", secret=begun["secret"]) == (410, {"state": "gone"})
    assert site.asked("end", token=said["token"]) == (200, {"ended": True})
    assert site.asked("end", token=said["token"]) == (200, {"ended": False})
    assert site.done == [("create", "ann"), ("revoke", "ann")]
    assert site.ended == ["ann"]


def test_who_refuses_is_obeyed(site: Site) -> None:
    begun = site.begun()
    site.send("/terminal", {"code": begun["code"], "do": "refuse"}, who=ANN)

    assert site.asked("fetch", secret=begun["secret"]) == (410, {"state": "refused"})
    assert tokens_table.of(site.engine) == []


def test_a_page_warns_where_the_terminal_is_at_another_address(site: Site) -> None:
    begun = site.begun(scope="read")
    _, page = site.send("/terminal", {"code": begun["code"]}, who=ANN, address="198.51.100.7")

    assert "It asks from 192.0.2.9, and you are at 198.51.100.7." in page
    assert "wants to read for 30 days" in page


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"host", b"mlflow")],
        [(b"host", b"mlflow"), (b"origin", b"https://evil.example.com")],
        [(b"host", b"mlflow"), (b"origin", b"null")],
        [(b"host", b"mlflow"), (b"sec-fetch-site", b"cross-site")],
        [(b"host", b"mlflow"), (b"sec-fetch-site", b"same-site"), (b"origin", b"https://other.mlflow")],
    ],
)
def test_a_page_of_another_site_lets_nobody_in(site: Site, headers: list[tuple[bytes, bytes]]) -> None:
    begun = site.begun()
    status, page = site.send("/terminal", {"code": begun["code"], "do": "allow"}, who=ANN, headers=headers)

    assert status == 403
    assert FOREIGN in page
    assert site.asked("fetch", secret=begun["secret"])[0] == 202


def test_a_link_does_nothing(site: Site) -> None:
    """A code in an address is not looked at, so whoever sends a link has to send a code to type, too."""
    begun = site.begun()
    status, page = site.send(f"/terminal?code={begun['code']}&do=allow", who=ANN, method="GET")
    assert status == 404
    _, page = site.send("/terminal", {"code": begun["code"], "do": "allow"}, who=ANN, method="GET")

    assert begun["code"] not in page
    assert site.asked("fetch", secret=begun["secret"])[0] == 202


def test_a_token_lets_no_terminal_in(site: Site) -> None:
    begun = site.begun()
    status, said = site.send("/terminal", {"code": begun["code"], "do": "allow"}, who=Identity("ann", by_token=True))

    assert (status, said) == (403, BY_A_TOKEN)
    assert site.asked("fetch", secret=begun["secret"])[0] == 202


def test_nobody_comes_to_the_page_without_the_gate(site: Site) -> None:
    begun = site.begun()

    assert site.send("/terminal", {"code": begun["code"], "do": "allow"})[0] == 404
    assert site.send("/terminal/begin", who=ANN, method="GET")[0] == 404


def test_codes_are_guessed_slowly_whatever_the_address(site: Site) -> None:
    begun = site.begun()
    own = site.begun()
    for number in range(FREE_FOR_A_NAME):
        assert site.send("/terminal", {"code": own["code"]}, who=Identity("eve"))[0] == 200
        status, page = site.send(
            "/terminal", {"code": "BBBB-BBBB", "do": "allow"}, who=Identity("eve"), address=f"192.0.2.{number}"
        )
        assert (status, UNKNOWN in page) == (404, True)

    status, page = site.send("/terminal", {"code": begun["code"], "do": "allow"}, who=Identity("eve"))
    assert status == 429
    assert "There were too many wrong codes. Try again in 1 second." in page
    assert site.send("/terminal", {"code": begun["code"], "do": "allow"}, who=ANN)[0] == 200


@pytest.mark.parametrize("what", ["begin", "fetch", "end"])
def test_a_database_that_is_down_is_told(site: Site, what: str) -> None:
    site.down = True
    status, said = site.asked(what, secret="x", token="flowship_" + "a" * 43)

    assert status == 503
    assert "secret" not in str(said)
    status, page = site.send("/terminal", {"code": "BBBB-BBBB"}, who=ANN)
    assert (status, "The database does not answer." in page) == (503, True)


def test_what_is_no_form_is_refused(site: Site) -> None:
    status, said = site.send("/terminal/begin", {"program": "x" * 20_000}, headers=[])

    assert status == 400
    assert "too large" in said
