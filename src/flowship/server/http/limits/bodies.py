"""How large the body of a request may be, known before MLflow has read it into memory.

Flask's routes and most of FastAPI's read a whole body, and keep it up to three times. A body without a length is read
here first, as far as it may go: nothing behind could stop in the middle of it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flowship.auth.responding import respond
from flowship.server.plan.settings import MEBIBYTE

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

CUT_SHORT = b"The body of the request ended early."
ANONYMOUS = 64 * 1024
"""Bytes of a body that somebody may send without a login, where one is asked for; what is open takes none at all."""


class Bodies:
    """Answers requests whose bodies are too large, and passes the others on."""

    def __init__(self, app: ASGIApp, limit: Callable[[Scope], int | None], sentence: Callable[[int], str]) -> None:
        """`limit` tells the bytes that the body of a request may have, None for any number, and `sentence` what a
        client with more is told."""
        self._app = app
        self._limit = limit
        self._sentence = sentence

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = _length(scope) if scope["type"] == "http" else 0
        if length == 0 or (limit := self._limit(scope)) is None:
            return await self._app(scope, receive, send)
        if length is None:
            length, receive = await _read(receive, limit)
        if length is None:
            return await respond(send, HTTPStatus.BAD_REQUEST, CUT_SHORT)
        if length > limit:
            return await respond(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._sentence(limit).encode())
        return await self._app(scope, receive, send)


def _length(scope: Scope) -> int | None:
    """Bytes of the body; None when only its end will tell. The parser has refused what is neither."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value)
        if name == b"transfer-encoding":
            return None
    return 0


async def _read(receive: Receive, limit: int) -> tuple[int | None, Receive]:
    """Give the bytes of a body, None when the client goes away before its end, and what receives it once more; it is
    read no further than it is too large."""
    body = bytearray()
    more = True
    while more and len(body) <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None, receive
        body += message.get("body", b"")
        more = message.get("more_body", False)
    whole: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

    async def received() -> Message:
        return whole.pop() if whole else await receive()

    return len(body), received


def too_large(limit: int) -> str:
    """Write what a client is told whose body is larger."""
    if limit == ANONYMOUS:
        return f"Without a login the body of a request may have {limit // 1024} KiB. Log in."
    return (
        f"The body of the request is larger than {limit // MEBIBYTE} MiB, which server.maxBodyMiB allows. Send less at "
        "once, or upload it as an artifact, for which there is no limit."
    )
