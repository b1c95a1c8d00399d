"""An authenticator made of what verifies once: with a cache in front, and failures counted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Slowed, Unavailable, Verified, Wrong
from flowship.auth.cache import CredentialCache
from flowship.auth.failures import Failures
from flowship.auth.lanes import FullError

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.authenticator import Credentials, Identity, Outcome
    from flowship.auth.generations import Generations
    from flowship.auth.lanes import Lane, Lanes


KNOWN_FOR = 86_400.0
"""Seconds for which credentials that were right are not taken for guesses."""
TRY_AGAIN_AFTER = 5
"""Seconds after which to try again when too many wait to be verified."""


class RememberingAuthenticator:
    """Asks `verify` once for the same credentials, and not at all after too many failures. Used on one event loop.

    Credentials that were right before are verified again when the cache has forgotten them, whatever others try under
    that name: else whoever shares an address with a user could keep the user out.
    """

    def __init__(
        self,
        verify: Callable[[Credentials], Outcome],
        ttl: float,
        generations: Generations,
        lanes: Lanes,
        failures: Failures | None = None,
    ) -> None:
        self._verify = verify
        self._generations = generations
        self._lanes = lanes
        self._failures = failures or Failures()
        self._cache = CredentialCache(ttl, generations)
        self._before = CredentialCache(KNOWN_FOR, generations)

    def remembered(self, credentials: Credentials) -> Identity | None:
        return self._cache.get(credentials)

    async def authenticate(self, credentials: Credentials, address: str) -> Outcome:
        if identity := self._cache.get(credentials):
            return Verified(identity)
        if self._before.get(credentials):
            return await self._verified(credentials, self._lanes.known)
        who = credentials.username, address
        if wait := self._failures.begin(*who):
            return Slowed(wait)
        try:
            outcome = await self._verified(credentials, self._lanes.others)
        except BaseException:
            self._failures.undo(*who)
            raise
        if isinstance(outcome, Verified):
            self._failures.succeeded(*who)
        elif not isinstance(outcome, Wrong):
            self._failures.undo(*who)
        return outcome

    async def _verified(self, credentials: Credentials, lane: Lane) -> Outcome:
        since = self._generations.copy()
        try:
            outcome = await lane.run(partial(self._verify, credentials))
        except FullError:
            return Unavailable(TRY_AGAIN_AFTER)
        if isinstance(outcome, Verified):
            for memory in (self._cache, self._before):
                memory.put(credentials, outcome.identity, since)
        elif isinstance(outcome, Wrong):
            self._before.discard(credentials)
        return outcome
