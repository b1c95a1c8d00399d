"""Failed log-ins are counted, and slow further ones down, so that neither passwords nor the directory are hammered.

Counted in each worker by itself (docs/explanation/decisions.md), for a name from an address and for an address. Not for
a name alone: then anybody could keep a user out. Used on one event loop.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cachetools import TTLCache

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
"""Names and addresses that are counted at most, and as many again that have to wait; those that failed longest ago go
first. Names that somebody makes up and tries once push out no name that has to wait."""


@dataclass
class _Count:
    failures: int
    last: float
    free: int

    @property
    def waits(self) -> bool:
        return self.failures >= self.free

    def waits_until(self) -> float:
        return self.last + (min(LONGEST, 2.0 ** min(self.failures - self.free, 30)) if self.waits else 0)


Key = tuple[str, ...]


class Failures:
    """Counts failed log-ins of this worker; without `free_for_an_address`, only those of a name from an address
    count."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        free_for_an_address: int | None = FREE_FOR_AN_ADDRESS,
        size: int = SIZE,
    ) -> None:
        self._clock = clock
        self._free_for_an_address = free_for_an_address
        self._few: TTLCache[Key, _Count] = TTLCache(size, FORGOTTEN_AFTER, clock)
        self._many: TTLCache[Key, _Count] = TTLCache(size, FORGOTTEN_AFTER, clock)

    def begin(self, username: str, address: str) -> int:
        """Begin a try: return the whole seconds for which this name from this address must wait, or 0 when it may be
        tried now.

        A try counts as a failure until it ends otherwise, so that many at once are no way around the count.
        """
        now = self._clock()
        keys = self._keys(username, address)
        known = {key: self._known(key) for key in keys}
        wait = max([0.0, *(count.waits_until() - now for count in known.values() if count)])
        if wait > 0:
            return math.ceil(wait)
        for key, free in keys.items():
            before = known[key]
            self._forget(key)
            count = _Count(before.failures + 1 if before else 1, now, free)
            (self._many if count.waits else self._few)[key] = count
        return 0

    def undo(self, username: str, address: str) -> None:
        """Report that the try was no failure, and no success either."""
        for key in self._keys(username, address):
            if count := self._known(key):
                count.failures -= 1

    def succeeded(self, username: str, address: str) -> None:
        """Forget the failures of this name from this address; those of the address stay, as they were other names."""
        self.undo(username, address)
        self._forget((username, address))

    def _known(self, key: Key) -> _Count | None:
        return self._many.get(key) or self._few.get(key)

    def _forget(self, key: Key) -> None:
        self._few.pop(key, None)
        self._many.pop(key, None)

    def _keys(self, username: str, address: str) -> dict[Key, int]:
        keys: dict[Key, int] = {(username, address): FREE_FOR_A_NAME}
        if self._free_for_an_address is not None:
            keys[(address,)] = self._free_for_an_address
        return keys
