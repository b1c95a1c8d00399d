"""Threads in which credentials are verified, apart for those who were right before and for everybody else.

Whoever tries passwords, or logs in for the first time, waits for others who do, and never holds up those whose password
is only verified again. Who waits holds no thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")

LONGEST = 200
"""Verifications that wait in a lane at most; they take about half a minute."""

YIELDING = 5
"""How nice threads are to the rest of the worker when they calculate for those whom nobody knows: they get a third."""


class FullError(Exception):
    """Says that too many wait already."""


class Lane:
    """Runs what comes to it in threads of its own, first come first served. Used on one event loop."""

    def __init__(self, name: str, threads: int, *, yielding: bool = False, longest: int = LONGEST) -> None:
        """`yielding` leaves the processors to the worker's other threads."""
        self._executor = ThreadPoolExecutor(threads, name, _yield_to_others if yielding else None)
        self._places = threads + longest

    async def run(self, work: Callable[[], Answer]) -> Answer:
        """Run one piece of work when its turn has come.

        Raises:
            FullError: too many wait already.
        """
        if not self._places:
            raise FullError
        self._places -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        finally:
            self._places += 1


class Lanes:
    """Holds a lane for those who were right before, and one for everybody else, with as many `threads` each."""

    def __init__(self, threads: int, *, yielding: bool = False) -> None:
        self.known = Lane("flowship-known", threads)
        self.others = Lane("flowship-others", threads, yielding=yielding)


def _yield_to_others() -> None:
    if sys.platform == "linux":  # where each thread has a priority of its own
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), YIELDING)
