"""A client for ASGI apps, without a server between."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message


@dataclass
class Answer:
    """What an app sent."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""


async def ask(app: ASGIApp, path: str, method: str = "GET", *, sent: bytes = b"", **scope: Any) -> Answer:
    """Send a request with the body `sent`."""
    answer = Answer()
    whole = False

    async def receive() -> Message:
        nonlocal whole
        if whole:
            await asyncio.Event().wait()  # the client stays
        whole = True
        return {"type": "http.request", "body": sent, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], list(message["headers"])
        else:
            answer.body += message.get("body", b"")

    request = {"type": "http", "method": method, "path": path, "headers": [], "client": ("192.0.2.7", 5), **scope}
    await app(request, receive, send)
    return answer


async def hello(scope: Any, receive: Any, send: Any) -> None:
    """An app that greets."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"y")]})
    await send({"type": "http.response.body", "body": b"hello"})
