"""Failed log-ins are counted, and slow further ones down, so that neither passwords nor the directory are hammered.

Counted in each worker by itself (docs/decisions.md), for a name from an address and for an address. Not for a name
alone: then anybody could keep a user out.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FREE_FOR_A_NAME = 5
"""Failures of a name from one address that cost no wait; people mistype."""
FREE_FOR_AN_ADDRESS = 50
"""Failures from one address with whatever names; people share addresses."""
LONGEST = 60.0
"""Seconds of the longest wait. The first is one second, and each further failure doubles it."""
FORGOTTEN_AFTER = 900.0
"""Seconds without a failure after which those before do not count any more."""
SIZE = 10_000
"""Names and addresses that are counted at most; those that failed longest ago go first."""


@dataclass
class _Count:
    failures: int
    last: float
    free: int

    def waits_until(self) -> float:
        beyond = self.failures - self.free
        return self.last + (min(LONGEST, 2.0 ** min(beyond, 30)) if beyond >= 0 else 0)


class Failures:
    """Failed log-ins of this worker; without `free_for_an_address`, only those of a name from an address count."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, *, free_for_an_address: int | None = FREE_FOR_AN_ADDRESS
    ) -> None:
        self._clock = clock
        self._free_for_an_address = free_for_an_address
        self._lock = threading.Lock()
        self._counts: OrderedDict[tuple[str, ...], _Count] = OrderedDict()

    def begin(self, username: str, address: str) -> int:
        """Whole seconds for which this name from this address must not be tried; 0 when it may be tried now.

        A try counts as a failure until it ends otherwise, so that many at once are no way around the count.
        """
        now = self._clock()
        keys = self._keys(username, address)
        with self._lock:
            known = {key: self._known(key, now) for key in keys}
            wait = max([0.0, *(count.waits_until() - now for count in known.values() if count)])
            if wait > 0:
                return math.ceil(wait)
            for key, free in keys.items():
                count = known[key]
                self._counts.pop(key, None)
                self._counts[key] = _Count(count.failures + 1 if count else 1, now, free)
            while len(self._counts) > SIZE:
                self._counts.popitem(last=False)
        return 0

    def undo(self, username: str, address: str) -> None:
        """The try was no failure, and no success either."""
        with self._lock:
            for key in self._keys(username, address):
                if count := self._counts.get(key):
                    count.failures -= 1

    def succeeded(self, username: str, address: str) -> None:
        """Forget the failures of this name from this address; those of the address stay, as they were other names."""
        self.undo(username, address)
        with self._lock:
            self._counts.pop((username, address), None)

    def _known(self, key: tuple[str, ...], now: float) -> _Count | None:
        count = self._counts.get(key)
        return count if count and now - count.last < FORGOTTEN_AFTER else None

    def _keys(self, username: str, address: str) -> dict[tuple[str, ...], int]:
        keys: dict[tuple[str, ...], int] = {(username, address): FREE_FOR_A_NAME}
        if self._free_for_an_address is not None:
            keys[(address,)] = self._free_for_an_address
        return keys
