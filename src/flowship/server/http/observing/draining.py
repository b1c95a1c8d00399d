"""The end of a server or of one worker: requests are still answered, but no connection is kept for another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Message

    from flowship.server.reporting.state import SharedState

CLOSE = (b"connection", b"close")


class Draining:
    """Knows whether the connections of one worker should end after their next response."""

    def __init__(self, state: SharedState) -> None:
        self._state = state
        self._worker = False

    def begin(self) -> None:
        """Report that this worker ends, whatever the others do."""
        self._worker = True

    @property
    def server(self) -> bool:
        """Whether the whole server ends."""
        return self._state.draining

    @property
    def active(self) -> bool:
        """Whether this worker ends."""
        return self._worker or self._state.draining

    def marked(self, start: Message) -> Message:
        """Give the start of a response, which says that the connection ends if it does."""
        if not self.active:
            return start
        return {**start, "headers": [*start.get("headers", []), CLOSE]}
