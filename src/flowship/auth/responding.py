"""A whole response at once, which nobody may cache."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
    from typing import Any

    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

TEXT = b"text/plain; charset=utf-8"


async def respond(
    send: Send, status: int, body: bytes, content_type: bytes = TEXT, more: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    """Send a body, with `more` headers."""
    headers = [
        (b"content-type", content_type),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def respond_json(send: Send, status: int, said: Mapping[str, Any]) -> None:
    """Send an object."""
    await respond(send, status, json.dumps(said).encode(), b"application/json")
