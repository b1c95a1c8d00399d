"""How much memory the processes of a server have, what they share counted once.

The kernel walks all pages of a process for it, some 20 ms of a processor each: so it is asked once a minute at most, in
a thread of its own, and no scrape waits.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FRESH = 60.0
"""Seconds for which an answer is not asked for again."""


class Memory:
    """Knows the memory of a process and of all that descend from it, as of about a minute ago."""

    def __init__(self, main: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._main = main
        self._clock = clock
        self._found: int | None = None
        self._asked = float("-inf")
        self.thread: threading.Thread | None = None
        """The one that asks, or has asked last."""

    def known(self) -> int | None:
        """Give the bytes; None before the first answer, and where the system does not tell."""
        if self._clock() - self._asked > FRESH and not (self.thread and self.thread.is_alive()):
            self._asked = self._clock()
            self.thread = threading.Thread(target=self._ask, name="flowship-memory", daemon=True)
            self.thread.start()
        return self._found

    def _ask(self) -> None:
        self._found = sum(map(_memory, _family(self._main))) or None


def _family(pid: int) -> list[int]:
    """Give a process and all that descend from it."""
    members = [pid]
    for member in members:
        try:
            tasks = list(Path(f"/proc/{member}/task").iterdir())
            members += [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:  # it has ended
            continue
    return members


def _memory(pid: int) -> int:
    """Give a process's share of the memory that it has, in bytes; 0 where the system does not tell."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) * 1024
