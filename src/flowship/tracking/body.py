"""The body of a request, read here and still there for whoever answers in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Message, Receive

LARGEST = 1 << 20
"""Bytes of a body that is read here at most, on the event loop; a batch of 1,000 metrics has about 120 kB."""


class Body:
    """What has come of a body so far."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []

    async def read(self) -> bytes | None:
        """Give the whole body; None if it is too large, or the client is gone."""
        size = 0
        while True:
            message = await self._receive()
            self._messages.append(message)
            size += len(message.get("body", b""))
            if message["type"] != "http.request" or size > LARGEST:
                return None
            if not message.get("more_body"):
                return b"".join(message.get("body", b"") for message in self._messages)

    async def again(self) -> Message:
        """Give the same messages once more, and then those that follow."""
        return self._messages.pop(0) if self._messages else await self._receive()
