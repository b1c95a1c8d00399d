"""Verified credentials, remembered for a time, so that a slow verification happens once and not in each request.

Only keyed digests are kept: whoever reads this process's memory, or a dump of it, cannot try passwords against them
without the key, which is random for each process. Make the cache after a fork, so that workers share neither, and use
it on one event loop.
"""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cachetools import TTLCache

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.authenticator import Credentials, Identity
    from flowship.auth.generations import Generations

SIZE = 10_000
"""Credentials that are remembered at most, about 5 MB; those used longest ago go first."""


@dataclass(frozen=True)
class _Entry:
    identity: Identity
    generation: int


class CredentialCache:
    """Who has which credentials, for `ttl` seconds after they were verified, unless the user is changed; 0 remembers
    nothing."""

    def __init__(
        self, ttl: float, generations: Generations, size: int = SIZE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._generations = generations
        self._key = secrets.token_bytes(32)
        self._entries: TTLCache[bytes, _Entry] = TTLCache(size, ttl, clock)

    def get(self, credentials: Credentials) -> Identity | None:
        """Who it is, if these credentials were verified within the time, and the user was not changed since."""
        entry = self._entries.get(self._digest(credentials))
        if entry is None or entry.generation != self._generations.of(entry.identity.username):
            return None
        return entry.identity

    def put(self, credentials: Credentials, identity: Identity, since: Generations) -> None:
        """Remember these; `since` is a copy of the generations from before they were verified."""
        self._entries[self._digest(credentials)] = _Entry(identity, since.of(identity.username))

    def discard(self, credentials: Credentials) -> None:
        """Remember these no more."""
        self._entries.pop(self._digest(credentials), None)

    def _digest(self, credentials: Credentials) -> bytes:
        # The length in front tells "ab" and "c" from "a" and "bc".
        name, password = credentials.username.encode(), credentials.password.encode()
        return hmac.digest(self._key, len(name).to_bytes(8) + name + password, "sha256")
