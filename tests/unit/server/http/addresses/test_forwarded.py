from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from flowship.server.http.addresses.forwarded import Forwarded
from tests.unit.server.asgi import ask

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

PROXY, SIDECAR, CLIENT = "10.1.2.3", "127.0.0.6", "203.0.113.9"


def seen(trusted: list[str], peer: str, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    """The request as MLflow gets it."""
    found: dict[str, Any] = {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found.update(scope)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    asyncio.run(ask(Forwarded(app, trusted), "/", headers=list(headers), client=(peer, 5), scheme="http"))
    return found


def test_a_trusted_proxy_says_who_the_client_is_and_that_it_uses_tls() -> None:
    headers = [(b"x-forwarded-for", b"6.6.6.6, " + CLIENT.encode()), (b"x-forwarded-proto", b"https")]

    request = seen(["10.0.0.0/8"], PROXY, *headers)

    assert request["client"] == (CLIENT, 0)
    assert request["scheme"] == "https"
    assert request["headers"] == headers


@pytest.mark.parametrize("peer", [PROXY, SIDECAR, "127.0.0.1", "::1", "", "a socket"])
@pytest.mark.parametrize("trusted", [[], ["192.0.2.0/24"]])
def test_of_any_other_peer_nothing_is_believed_and_nothing_left_to_believe(trusted: list[str], peer: str) -> None:
    said = [
        (b"x-forwarded-for", b"192.0.2.1"),
        (b"x-forwarded-proto", b"https"),
        (b"forwarded", b"for=192.0.2.1;proto=https;host=evil.example"),
        (b"x-forwarded-host", b"evil.example"),
        (b"x-forwarded-port", b"443"),
        (b"x-forwarded-prefix", b"/evil"),
        (b"x-real-ip", b"192.0.2.1"),
    ]

    request = seen(trusted, peer, (b"host", b"localhost"), *said, (b"accept", b"*/*"))

    assert request["client"] == (peer, 5)
    assert request["scheme"] == "http"
    assert request["headers"] == [(b"host", b"localhost"), (b"accept", b"*/*")]


def test_a_sidecar_is_believed_when_it_is_named() -> None:
    assert seen([SIDECAR], SIDECAR, (b"x-forwarded-for", CLIENT.encode()))["client"] == (CLIENT, 0)


@pytest.mark.parametrize("scheme", [b"ftp", b"", b"https, http", b"https\x00"])
def test_only_a_scheme_of_http_is_taken(scheme: bytes) -> None:
    assert seen([PROXY], PROXY, (b"x-forwarded-proto", scheme))["scheme"] == "http"


def test_a_proxy_that_names_no_client_is_the_client() -> None:
    assert seen([PROXY], PROXY, (b"x-forwarded-for", b"nobody"))["client"][0] == PROXY


def test_a_chain_without_end_is_not_followed() -> None:
    chain = b", ".join([CLIENT.encode(), *[PROXY.encode()] * 5_000])

    assert seen([PROXY], PROXY, (b"x-forwarded-for", chain))["client"][0] == PROXY
