"""Who was verified, remembered for a time, so that a slow verification happens once and not in each request.

Only keyed digests are kept. Make the memory after a fork, so that workers share neither it nor the key, and use it on
one event loop.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cachetools import LRUCache

from flowship.auth.memory.keyed_digest import KeyedDigest

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.authenticator import Credentials, Identity
    from flowship.auth.generations import Generations

SIZE = 10_000
"""Credentials that are remembered at most, about 5 MB; those used longest ago go first."""


@dataclass
class _Entry:
    identity: Identity
    generation: int
    at: float
    """When they were verified."""
    lasts: float
    """Seconds after that for which they are right at most."""
    admitted: bool = True


class VerifiedCredentials:
    """Remembers credentials that were right, each until its user is changed, and when they were verified."""

    def __init__(self, generations: Generations, size: int = SIZE, clock: Callable[[], float] = time.monotonic) -> None:
        self._generations, self._clock = generations, clock
        self._digests = KeyedDigest()
        self._entries: LRUCache[bytes, _Entry] = LRUCache(size)

    def identity(self, credentials: Credentials, within: float) -> Identity | None:
        """Say who may come in, if these credentials were verified within so many seconds."""
        entry = self._entry(credentials, within)
        return entry.identity if entry is not None and entry.admitted else None

    def were_right(self, credentials: Credentials, within: float) -> bool:
        """Tell whether the password was right within so many seconds, though the user may have been turned away
        since."""
        return self._entry(credentials, within) is not None

    def put(self, credentials: Credentials, identity: Identity, since: Generations, *, lasts: float = math.inf) -> None:
        """Remember credentials that were verified; `since` is a copy of the generations from before they were
        verified, and `lasts` says for how many seconds they are right at most."""
        self._entries[self._digest(credentials)] = _Entry(identity, since.of(identity.username), self._clock(), lasts)

    def turn_away(self, credentials: Credentials) -> None:
        """Remember that this user may not come in any more, though the password is right."""
        if entry := self._entries.get(self._digest(credentials)):
            entry.admitted = False

    def discard(self, credentials: Credentials) -> None:
        """Forget credentials that are wrong now."""
        self._entries.pop(self._digest(credentials), None)

    def _entry(self, credentials: Credentials, within: float) -> _Entry | None:
        entry = self._entries.get(self._digest(credentials))
        if entry is None or entry.generation != self._generations.of(entry.identity.username):
            return None
        return entry if self._clock() - entry.at < min(within, entry.lasts) else None

    def _digest(self, credentials: Credentials) -> bytes:
        return self._digests.of(credentials.username, credentials.password)
