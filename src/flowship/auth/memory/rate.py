"""How often something is done for one who need not show anything for it, counted in each worker by itself."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from cachetools import LRUCache

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = 10_000
"""Networks that are counted at most; those that came longest ago go first."""


class Rate:
    """Lets so much through from each network in so many seconds. Used on one event loop."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._counts: LRUCache[str, tuple[float, int]] = LRUCache(SIZE)

    def begin(self, network: str) -> int:
        """Count one more; return the whole seconds for which the network must wait instead, or 0 where it need not."""
        now = self._clock()
        since, count = self._counts.get(network, (now, 0))
        if now - since >= self._seconds:
            since, count = now, 0
        if count >= self._most:
            return math.ceil(since + self._seconds - now)
        self._counts[network] = since, count + 1
        return 0
