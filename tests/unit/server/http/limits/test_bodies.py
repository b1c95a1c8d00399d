from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from flowship.server.http.limits.bodies import ANONYMOUS, Bodies, too_large
from flowship.server.plan.settings import MEBIBYTE
from tests.unit.server.http.connection.server import body_of

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

LIMIT = 10


class Exchange:
    """A request with a body in pieces, and what became of it."""

    def __init__(self, *pieces: bytes, headers: list[tuple[bytes, bytes]], limit: int | None = LIMIT) -> None:
        self.status = 0
        self.said = b""
        self.body: bytes | None = None
        self.received = 0
        self._pieces = list(pieces)
        scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
        asyncio.run(Bodies(self._app, lambda scope: limit, "at most {}".format)(scope, self._receive, self._send))

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.body = await body_of(receive)

    async def _receive(self) -> Message:
        self.received += 1
        if not self._pieces:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": self._pieces.pop(0), "more_body": bool(self._pieces)}

    async def _send(self, message: Message) -> None:
        self.status = message.get("status", self.status)
        self.said += message.get("body", b"")


def length(size: int) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"localhost"), (b"content-length", str(size).encode())]


CHUNKED = [(b"transfer-encoding", b"chunked")]


@pytest.mark.parametrize("headers", [length(LIMIT), CHUNKED])
def test_a_body_as_large_as_the_limit_reaches_the_app(headers: list[tuple[bytes, bytes]]) -> None:
    assert Exchange(b"01234", b"56789", headers=headers).body == b"0123456789"


def test_a_body_that_says_that_it_is_larger_is_refused_before_any_of_it_is_read() -> None:
    exchange = Exchange(b"a" * 11, headers=length(11))

    assert (exchange.status, exchange.said) == (413, b"at most 10")
    assert (exchange.body, exchange.received) == (None, 0)


def test_a_body_without_a_length_is_read_no_further_than_the_limit() -> None:
    exchange = Exchange(*[b"aaaa"] * 100, headers=CHUNKED)

    assert (exchange.status, exchange.said) == (413, b"at most 10")
    assert (exchange.body, exchange.received) == (None, 3)


def test_of_a_body_that_ends_early_the_app_sees_nothing() -> None:
    class Ends(Exchange):
        async def _receive(self) -> Message:
            found = await super()._receive()
            return {**found, "more_body": True} if found["type"] == "http.request" else found

    exchange = Ends(b"aaaa", headers=CHUNKED)

    assert (exchange.status, exchange.body) == (400, None)


@pytest.mark.parametrize("headers", [length(1000), CHUNKED])
def test_what_has_no_limit_is_streamed(headers: list[tuple[bytes, bytes]]) -> None:
    exchange = Exchange(b"a" * 500, b"a" * 500, headers=headers, limit=None)

    assert exchange.body == b"a" * 1000
    assert exchange.received == 2


def test_the_sentence_says_how_large_a_body_may_be_and_what_decides_it() -> None:
    assert too_large(100 * MEBIBYTE) == (
        "The body of the request is larger than 100 MiB, which server.maxBodyMiB allows. Send less at once, or upload "
        "it as an artifact, for which there is no limit."
    )
    assert too_large(ANONYMOUS) == "Without a login the body of a request may have 64 KiB. Log in."
