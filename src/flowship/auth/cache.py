"""Verified credentials, remembered for a time, so that a slow verification happens once and not in each request.

Only keyed digests are kept: whoever reads this process's memory, or a dump of it, cannot try passwords against them
without the key, which is random for each process. Make the cache after a fork, so that workers share neither.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Verified

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.authenticator import Credentials, Identity, Outcome

SIZE = 10_000
"""Credentials that are remembered at most, about 5 MB; those used longest ago go first."""


@dataclass(frozen=True)
class _Entry:
    identity: Identity
    expires: float


class CredentialCache:
    """Who has which credentials, for `ttl` seconds after they were verified; 0 remembers nothing."""

    def __init__(self, ttl: float, size: int = SIZE, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl, self._size, self._clock = ttl, size, clock
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._running: dict[bytes, Future[Outcome]] = {}
        self._generation = 0

    def get(self, credentials: Credentials) -> Identity | None:
        """Who it is, if these credentials were verified within the time."""
        digest = self._digest(credentials)
        with self._lock:
            return self._fresh(digest)

    def verified(self, credentials: Credentials, verify: Callable[[], Outcome]) -> Outcome:
        """The remembered outcome, else that of `verify`, which runs once for callers that ask at the same time.

        Only `Verified` is remembered. What `verify` raises is raised to each of these callers.
        """
        digest = self._digest(credentials)
        with self._lock:
            if identity := self._fresh(digest):
                return Verified(identity)
            running = self._running.get(digest)
            if running is None:
                mine = self._running[digest] = Future()
                generation = self._generation
        if running is not None:
            return running.result()
        return self._run(mine, digest, generation, verify)

    def put(self, credentials: Credentials, identity: Identity) -> None:
        """Remember these, which were verified just now."""
        digest = self._digest(credentials)
        with self._lock:
            self._store(digest, identity)

    def discard(self, credentials: Credentials) -> None:
        """Remember these no more."""
        digest = self._digest(credentials)
        with self._lock:
            self._entries.pop(digest, None)

    def forget(self, username: str) -> None:
        """Forget a user of MLflow, whose password or rights have changed.

        A verification that is running may have read what was before, so it is remembered for nobody, and whoever asks
        from now on does not wait for it.
        """
        with self._lock:
            self._outdate()
            for digest in [key for key, entry in self._entries.items() if entry.identity.username == username]:
                del self._entries[digest]

    def forget_all(self) -> None:
        """Forget everybody."""
        with self._lock:
            self._outdate()
            self._entries.clear()

    def _run(self, mine: Future[Outcome], digest: bytes, generation: int, verify: Callable[[], Outcome]) -> Outcome:
        try:
            outcome = verify()
        except BaseException as error:
            self._end(mine, digest)
            mine.set_exception(error)
            raise
        with self._lock:
            if isinstance(outcome, Verified) and generation == self._generation:
                self._store(digest, outcome.identity)
        self._end(mine, digest)
        mine.set_result(outcome)
        return outcome

    def _end(self, mine: Future[Outcome], digest: bytes) -> None:
        with self._lock:
            if self._running.get(digest) is mine:
                del self._running[digest]

    def _outdate(self) -> None:
        self._generation += 1
        self._running.clear()

    def _fresh(self, digest: bytes) -> Identity | None:
        entry = self._entries.get(digest)
        if entry is None:
            return None
        if self._clock() >= entry.expires:
            del self._entries[digest]
            return None
        self._entries.move_to_end(digest)
        return entry.identity

    def _store(self, digest: bytes, identity: Identity) -> None:
        if self._ttl <= 0:
            return
        self._entries[digest] = _Entry(identity, self._clock() + self._ttl)
        self._entries.move_to_end(digest)
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)

    def _digest(self, credentials: Credentials) -> bytes:
        # The length in front tells "ab" and "c" from "a" and "bc".
        name, password = credentials.username.encode(), credentials.password.encode()
        return hmac.digest(self._key, len(name).to_bytes(8) + name + password, "sha256")
