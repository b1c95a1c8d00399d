"""Waiting for a state that nothing announces."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def until(holds: Callable[[], bool], *, every: float, limit: float = math.inf) -> bool:
    """Ask whether something holds, at once and then after each `every` seconds. Returns whether it did within `limit`
    seconds."""
    deadline = time.monotonic() + limit
    while not holds():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every)
    return True
