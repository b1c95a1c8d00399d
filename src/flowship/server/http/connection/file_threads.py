"""Threads that read and write files and objects. They are not MLflow's: who waits for a store holds up nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

THREADS = 64
"""Reads and writes at once; more of them wait in order."""


class FileThreads:
    """Runs work that blocks in threads of one event loop, a limited number at once."""

    def __init__(self) -> None:
        self._limiter: anyio.CapacityLimiter | None = None

    async def run(self, work: Callable[[], T]) -> T:
        """Run the work in a thread. Who is cancelled meanwhile waits until it is done."""
        if self._limiter is None:  # it belongs to the event loop that it is made in
            self._limiter = anyio.CapacityLimiter(THREADS)
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)

    async def finish(self, work: Callable[[], None]) -> None:
        """Run the work although the request was cancelled."""
        with anyio.CancelScope(shield=True):
            await self.run(work)
