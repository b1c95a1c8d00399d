from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from flowship.auth.authenticator import (
    CURRENT,
    Attempt,
    Claim,
    Credentials,
    Entrance,
    Forbidden,
    Identity,
    Outcome,
    Slowed,
    Unavailable,
    Verified,
    Wrong,
)
from flowship.auth.gate.asking import Asking
from flowship.auth.gate.gate import Gate
from flowship.auth.gate.jobs import entrance_of_jobs
from flowship.auth.gate.shown_secret import ShownSecret, is_basic
from flowship.auth.gateway import Gateway
from flowship.auth.generations import Generations
from flowship.mlflow_seams.auth.users import UNAUTHENTICATED

GATEWAY = Gateway("/mlflow/gateway/", b"x-mlflow-authorization", "internal token")


def basic(username: str = "ann", password: str = "right") -> bytes:
    return b"Basic " + base64.b64encode(f"{username}:{password}".encode())


class Asked:
    """An authenticator that knows one password, and remembers when told to."""

    def __init__(self, outcome: Outcome | None = None) -> None:
        self.outcome = outcome
        self.calls: list[tuple[Credentials, str]] = []
        self.known: dict[Credentials, Identity] = {}

    def remembered(self, credentials: Credentials) -> Identity | None:
        return self.known.get(credentials)

    async def authenticate(self, credentials: Credentials, address: str) -> Outcome:
        self.calls.append((credentials, address))
        if self.outcome:
            return self.outcome
        return Verified(Identity(credentials.username.lower())) if credentials.password == "right" else Wrong()


class Slow(Asked):
    """One that answers for ann when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go = asyncio.Event(), asyncio.Event()

    async def authenticate(self, credentials: Credentials, address: str) -> Outcome:
        if credentials.username == "ann":
            self.begun.set()
            await self.go.wait()
        return await super().authenticate(credentials, address)


@dataclass
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


class Mlflow:
    """The app behind the gate; it tells who came in."""

    def __init__(self) -> None:
        self.requests: list[tuple[Identity | None, list[tuple[bytes, bytes]]]] = []

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Any, send: Callable[[Any], Awaitable[None]]
    ) -> None:
        self.requests.append((CURRENT.get(), scope.get("headers", [])))
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"in"})


@pytest.fixture
def mlflow() -> Mlflow:
    return Mlflow()


async def request(
    gate: Gate, *headers: tuple[bytes, bytes], path: str = "/api", kind: str = "http", method: str = "GET"
) -> Answer:
    answer = Answer()

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            answer.body += message["body"].decode()

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request"}

    scope = {"type": kind, "method": method, "path": path, "headers": list(headers), "client": ("192.0.2.1", 4711)}
    await gate(scope, receive, send)
    return answer


def gate(
    mlflow: Mlflow,
    asked: Asked,
    seen: list[str] | None = None,
    gateway: Gateway = GATEWAY,
    *,
    generation: Callable[[str], int] = lambda name: 0,
    **options: Any,
) -> Gate:
    def observe(attempt: Attempt) -> None:
        if seen is not None:
            seen.append(attempt.result)

    entrances = [entrance_of_jobs(gateway), Entrance(ShownSecret(gateway), asked, takes=is_basic)]
    return Gate(mlflow, entrances, lambda path: path.startswith("/health"), Asking(observe, generation), **options)


def test_a_verified_request_reaches_mlflow_with_who_it_is(mlflow: Mlflow) -> None:
    asked, seen = Asked(), list[str]()

    answer = asyncio.run(request(gate(mlflow, asked, seen), (b"authorization", basic("Ann"))))

    assert (answer.status, answer.body) == (200, "in")
    assert mlflow.requests[0][0] == Identity("ann")
    assert asked.calls == [(Credentials("Ann", "right"), "192.0.2.1")]
    assert seen == ["verified"]


def test_an_attempt_is_observed_with_the_name_in_mlflow_or_as_it_was_sent(mlflow: Mlflow) -> None:
    seen: list[Attempt] = []

    for outcome in (Verified(Identity("ann")), Wrong()):
        front = Gate(mlflow, [Entrance(ShownSecret(GATEWAY), Asked(outcome))], lambda path: False, Asking(seen.append))
        asyncio.run(request(front, (b"authorization", basic("Ann"))))

    assert seen == [Attempt("verified", "ann", "192.0.2.1"), Attempt("wrong", "Ann", "192.0.2.1")]


def test_who_is_remembered_is_not_asked_for(mlflow: Mlflow) -> None:
    asked, seen = Asked(), list[str]()
    asked.known[Credentials("bob", "right")] = Identity("bob")
    front = gate(mlflow, asked, seen)

    async def both() -> None:
        await request(front, (b"authorization", basic("ann")))
        await request(front, (b"authorization", basic("bob")))

    asyncio.run(both())

    assert [credentials.username for credentials, _ in asked.calls] == ["ann"]
    assert seen == ["verified", "cached"]


def test_mlflow_sees_the_verified_name_and_no_password(mlflow: Mlflow) -> None:
    headers = [(b"host", b"x"), (b"authorization", basic("Ann")), (b"Authorization", basic("admin", "x"))]

    asyncio.run(request(gate(mlflow, Asked()), *headers))

    assert mlflow.requests[0][1] == [(b"host", b"x"), (b"authorization", basic("ann", ""))]


@pytest.mark.parametrize(
    ("outcome", "status", "header", "text", "label"),
    [
        (Wrong(), 401, ("www-authenticate", 'Basic realm="mlflow"'), UNAUTHENTICATED, "wrong"),
        (Forbidden("Ask for a group."), 403, ("cache-control", "no-store"), "Ask for a group.", "forbidden"),
        (Unavailable(7), 503, ("retry-after", "7"), "cannot be verified at the moment", "unavailable"),
        (Slowed(8), 429, ("retry-after", "8"), "too many failed log-ins", "slowed"),
    ],
)
def test_who_is_not_verified_is_told_why_and_does_not_reach_mlflow(
    mlflow: Mlflow, outcome: Outcome, status: int, header: tuple[str, str], text: str, label: str
) -> None:
    seen: list[str] = []

    answer = asyncio.run(request(gate(mlflow, Asked(outcome), seen), (b"authorization", basic())))

    assert answer.status == status
    assert header in answer.headers.items()
    assert text in answer.body
    assert seen == [label]
    assert mlflow.requests == []


@pytest.mark.parametrize("value", [b"Basic ???", b"Basic ", basic("a\0b"), basic("")])
def test_what_nobody_can_have_is_refused_without_asking(mlflow: Mlflow, value: bytes) -> None:
    asked = Asked()

    answer = asyncio.run(request(gate(mlflow, asked), (b"authorization", value)))

    assert answer.status == 401
    assert (asked.calls, mlflow.requests) == ([], [])


@pytest.mark.parametrize("headers", [[], [(b"authorization", b"Bearer x")], [(b"authorization", b"")]])
def test_a_request_without_basic_credentials_is_asked_for_them(
    mlflow: Mlflow, headers: list[tuple[bytes, bytes]]
) -> None:
    answer = asyncio.run(request(gate(mlflow, Asked()), *headers, method="POST"))

    assert (answer.status, answer.body) == (401, UNAUTHENTICATED)
    assert answer.headers["www-authenticate"] == 'Basic realm="mlflow"'
    assert mlflow.requests == []


def test_what_a_browser_asks_about_another_origin_is_mlflows_to_answer(mlflow: Mlflow) -> None:
    asyncio.run(request(gate(mlflow, Asked()), method="OPTIONS"))

    assert mlflow.requests[0][0] is None


@pytest.mark.parametrize(("path", "kind"), [("/health", "http"), ("/api", "websocket"), ("/api", "lifespan")])
def test_an_open_path_and_what_is_no_request_are_passed_on_as_nobodys(mlflow: Mlflow, path: str, kind: str) -> None:
    asked = Asked()

    asyncio.run(request(gate(mlflow, asked), (b"authorization", basic()), path=path, kind=kind))

    assert mlflow.requests[0][0] is None
    assert asked.calls == []


def test_one_request_is_never_taken_for_another(mlflow: Mlflow) -> None:
    front = gate(mlflow, Asked())

    async def several() -> None:
        await request(front, (b"authorization", basic("ann")))
        await request(front, path="/health")
        await request(front, (b"authorization", basic("bob")))
        assert CURRENT.get() is None

    asyncio.run(several())

    assert [identity and identity.username for identity, _ in mlflow.requests] == ["ann", None, "bob"]


def test_concurrent_first_requests_are_asked_for_once_and_keep_nobody_waiting(mlflow: Mlflow) -> None:
    crowded = 64
    asked, seen = Slow(), list[str]()
    front = gate(mlflow, asked, seen)

    async def crowd() -> list[Answer]:
        ann = [asyncio.create_task(request(front, (b"authorization", basic("ann")))) for _ in range(crowded)]
        await asyncio.wait_for(asked.begun.wait(), 10)
        bob = await asyncio.wait_for(request(front, (b"authorization", basic("bob"))), 10)
        ann[0].cancel()
        asked.go.set()
        return [bob, *await asyncio.gather(*ann[1:])]

    answers = asyncio.run(crowd())

    assert {answer.status for answer in answers} == {200}
    assert sorted(credentials.username for credentials, _ in asked.calls) == ["ann", "bob"]
    assert (seen.count("verified"), seen.count("cached")) == (2, crowded - 1)


def test_who_comes_after_a_change_of_the_user_does_not_wait_for_what_was_asked_before(mlflow: Mlflow) -> None:
    generations, asked = Generations(), Slow()
    front = gate(mlflow, asked, generation=generations.of)

    async def three() -> None:
        tasks = [asyncio.create_task(request(front, (b"authorization", basic("ann")))) for _ in range(2)]
        await asyncio.wait_for(asked.begun.wait(), 10)
        generations.user_changed("ann")
        tasks.append(asyncio.create_task(request(front, (b"authorization", basic("ann")))))
        asked.go.set()
        await asyncio.gather(*tasks)

    asyncio.run(three())

    assert len(asked.calls) == 2


def test_the_first_entrance_that_finds_a_claim_verifies_it(mlflow: Mlflow) -> None:
    def session(scope: MutableMapping[str, Any]) -> Claim | None:
        found = dict(scope["headers"]).get(b"cookie")
        return Claim(b"cookie", Credentials("", found.decode())) if found else None

    sessions, passwords = Asked(Verified(Identity("bob"))), Asked()
    entrances = [Entrance(session, sessions), Entrance(ShownSecret(), passwords)]
    front = Gate(mlflow, entrances, lambda path: False)

    asyncio.run(request(front, (b"authorization", basic())))
    asyncio.run(request(front, (b"authorization", basic()), (b"cookie", b"id")))

    assert [identity and identity.username for identity, _ in mlflow.requests] == ["ann", "bob"]
    assert (len(sessions.calls), len(passwords.calls)) == (1, 1)
    assert mlflow.requests[1][1] == [(b"authorization", basic("bob", ""))]


@pytest.mark.parametrize(("ambient", "observed"), [(True, []), (False, [Attempt("wrong", "", "192.0.2.1")])])
def test_what_is_left_of_an_earlier_log_in_is_no_failed_one(
    mlflow: Mlflow, ambient: bool, observed: list[Attempt]
) -> None:
    """After MLflow's own Log out a browser goes on sending the session's cookie, with which nobody is let in."""
    seen: list[Attempt] = []
    entrance = Entrance(lambda scope: Claim(b"cookie", None, ambient=ambient), Asked())

    answer = asyncio.run(request(Gate(mlflow, [entrance], lambda path: False, Asking(seen.append))))

    assert (answer.status, seen) == (401, observed)


class TestGateway:
    PATH = "/mlflow/gateway/chat"

    def test_its_own_header_comes_first_and_the_providers_key_stays(self, mlflow: Mlflow) -> None:
        headers = [(b"authorization", b"Bearer provider's"), (b"x-mlflow-authorization", basic())]

        asyncio.run(request(gate(mlflow, Asked()), *headers, path=self.PATH))

        identity, seen = mlflow.requests[0]
        assert identity == Identity("ann")
        assert seen == [(b"authorization", b"Bearer provider's"), (b"x-mlflow-authorization", basic("ann", ""))]

    def test_an_empty_one_does_not_shadow_authorization(self, mlflow: Mlflow) -> None:
        headers = [(b"authorization", basic()), (b"x-mlflow-authorization", b"")]

        asyncio.run(request(gate(mlflow, Asked()), *headers, path=self.PATH))

        assert mlflow.requests[0][0] == Identity("ann")

    def test_elsewhere_it_counts_for_nothing(self, mlflow: Mlflow) -> None:
        asked = Asked()

        answer = asyncio.run(request(gate(mlflow, asked), (b"x-mlflow-authorization", basic())))

        assert answer.status == 401
        assert asked.calls == []

    def test_mlflows_jobs_act_for_their_user_there_and_nowhere_else(self, mlflow: Mlflow) -> None:
        asked = Asked()
        front = gate(mlflow, asked)
        claim = (b"authorization", basic("bob", "internal token"))

        statuses = [asyncio.run(request(front, claim, path=path)).status for path in (self.PATH, "/api")]

        assert statuses == [200, 401]
        assert mlflow.requests[0][0] == Identity("bob")
        assert len(asked.calls) == 1

    def test_without_a_token_no_password_stands_for_it(self, mlflow: Mlflow) -> None:
        front = gate(mlflow, Asked(), gateway=Gateway(GATEWAY.path, GATEWAY.header, None))

        assert asyncio.run(request(front, (b"authorization", basic("bob", "")), path=self.PATH)).status == 401
