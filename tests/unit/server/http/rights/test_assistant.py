"""Who gets to MLflow's assistant: admins whom the gate knows, where a value opens it; nobody by an address."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from flowship.auth.authenticator import CURRENT, Identity
from flowship.mlflow_seams.server.assistant import PATH, SWITCHED_OFF
from flowship.server.http.rights.assistant import ADMINS_ONLY, OFF, AssistantDoor, admitted, shown
from tests.unit.server.asgi import Answer, ask, hello

PLAIN, ADMIN = Identity("ada"), Identity("root")
ROUTES = ["", "/", "/config", "/config/", "/message", "/sessions/1/stream", "/providers/ollama/health", "/new"]
LOOPBACK: dict[str, Any] = {"client": ("127.0.0.1", 5), "headers": [(b"x-forwarded-for", b"127.0.0.1")]}


def asked(who: Identity | None, path: str, method: str = "GET", *, prefix: str = "", **door: Any) -> Answer:
    """What somebody is answered, beside what the app behind the door was told."""

    async def behind(scope: Any, receive: Any, send: Any) -> None:
        seen.append(admitted(scope))
        await hello(scope, receive, send)

    async def one() -> Answer:
        token = CURRENT.set(who)
        try:
            guarded = AssistantDoor(
                behind,
                static_prefix=prefix,
                is_admin=lambda identity: identity is ADMIN,
                **{"enabled": False, "authenticates": True, **door},
            )
            return await ask(guarded, path, method, **LOOPBACK)
        finally:
            CURRENT.reset(token)

    seen: list[bool] = []
    answer = asyncio.run(one())
    answer.headers.append((b"behind", repr(seen).encode()))
    return answer


def reached(answer: Answer) -> bytes:
    return dict(answer.headers)[b"behind"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "X"])
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("prefix", ["", "/ml"])
def test_switched_off_it_is_for_nobody(prefix: str, route: str, method: str) -> None:
    for who in (PLAIN, ADMIN):
        answer = asked(who, f"{prefix}{PATH}{route}", method, prefix=prefix)

        assert reached(answer) == b"[]"
        assert answer.status == (200 if method == "GET" and route == "/config" else 403)
        assert answer.body.decode() == OFF or answer.status == 200


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("route", ROUTES)
def test_switched_on_it_is_for_admins(route: str, method: str) -> None:
    plain = asked(PLAIN, f"{PATH}{route}", method, enabled=True)
    admin = asked(ADMIN, f"{PATH}{route}", method, enabled=True)

    assert (reached(plain), reached(admin)) == (b"[]", b"[True]")
    assert plain.body.decode() == ADMINS_ONLY or route == "/config"
    assert admin.status == 200


@pytest.mark.parametrize("enabled", [True, False])
def test_who_is_not_known_is_asked_for_credentials(enabled: bool) -> None:
    answer = asked(None, f"{PATH}/config", enabled=enabled)

    assert (answer.status, reached(answer)) == (401, b"[]")
    assert dict(answer.headers)[b"www-authenticate"] == b'Basic realm="mlflow"'


def test_without_a_gate_nobody_is_let_in() -> None:
    assert asked(None, f"{PATH}/message", "POST", authenticates=False).body.decode() == OFF
    assert asked(None, f"{PATH}/message", "POST", authenticates=False, enabled=True).body.decode() == ADMINS_ONLY


def test_pages_find_nothing_to_show() -> None:
    for path, empty in SWITCHED_OFF.items():
        assert json.loads(asked(PLAIN, path).body) == empty


def test_other_paths_pass() -> None:
    for path in ("/", "/ajax-api/3.0/mlflow/mcp-servers", f"/elsewhere{PATH}/config"):
        assert reached(asked(None, path)) == b"[False]"


@pytest.mark.parametrize(
    ("who", "enabled", "expected"),
    [(ADMIN, True, True), (PLAIN, True, False), (None, True, False), (ADMIN, False, False)],
)
def test_a_page_shows_it_to_whom_it_is_for(who: Identity | None, enabled: bool, expected: bool) -> None:
    token = CURRENT.set(who)
    try:
        assert shown(enabled=enabled, is_admin=lambda identity: identity is ADMIN) is expected
    finally:
        CURRENT.reset(token)
