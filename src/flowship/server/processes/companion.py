"""Processes beside the workers, forked from the same parent and kept alive: the inner port, the jobs."""

from __future__ import annotations

import logging
import signal
import time
from typing import TYPE_CHECKING

from flowship.server.processes.child import run_apart

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.server.processes.child import Child

_logger = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds before one that ended is started again, so that one that cannot start does not keep the machine busy."""


class Companion:
    """Keeps a process that runs a function: it is started again when it ends; with `once`, only until it succeeds."""

    def __init__(self, name: str, work: Callable[[], None], *, once: bool = False) -> None:
        self.name = name
        self._work = work
        self._once = once
        self._child: Child | None = None
        self._done = False
        self._started = float("-inf")

    def keep(self) -> None:
        """Start it if it should run and does not."""
        if self._done or self.running() or time.monotonic() - self._started < PAUSE:
            return
        self._started = time.monotonic()
        self._child = run_apart(self._work)

    def running(self) -> bool:
        """Tell whether its process is there."""
        if self._child is None:
            return False
        if not self._child.ended():
            return True
        self._done = self._once and self._child.status == 0
        self._child = None
        if not self._done:
            _logger.warning("%s ended by itself and will be started again", self.name)
        return False

    def end(self, signum: int = signal.SIGTERM) -> None:
        """Send it a signal, if it runs."""
        if self.running() and self._child is not None:
            self._child.ask(signum)
