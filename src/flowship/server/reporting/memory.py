"""How much memory the processes of a server have, what they share counted once.

The kernel walks all pages of a process for it, some 20 ms of a processor each: so it is asked once a minute at most, in
a thread of its own, and no scrape waits.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from flowship.server.reporting.now_and_then import NowAndThen

if TYPE_CHECKING:
    from collections.abc import Callable

FRESH = 60.0
"""Seconds for which an answer is not asked for again."""


def memory(main: int, clock: Callable[[], float] = time.monotonic) -> NowAndThen[int]:
    """Make what knows the bytes of a process and of all that descend from it; None where the system does not tell."""
    return NowAndThen(lambda: sum(map(_memory, _family(main))) or None, fresh=FRESH, clock=clock)


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
