"""One question at a time about the same thing: who asks meanwhile waits for the answer to the first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable
    from typing import Any

Answer = TypeVar("Answer")


class SingleFlight(Generic[Answer]):
    """Asks each question once for all who ask it at the same time. Used on one event loop."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[Answer]] = {}

    async def ask(self, key: Hashable, question: Callable[[], Coroutine[Any, Any, Answer]]) -> tuple[Answer, bool]:
        """Return the answer, and whether it was asked for now rather than for somebody before."""
        if running := self._running.get(key):
            return await asyncio.shield(running), False
        task = self._running[key] = asyncio.create_task(question())
        task.add_done_callback(lambda done: self._running.pop(key, None))
        return await asyncio.shield(task), True  # one client that goes away ends it for none of the others
