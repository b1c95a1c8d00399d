"""An authenticator made of what verifies once: with a memory in front, and failures counted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Forbidden, Slowed, Unavailable, Verified, Wrong
from flowship.auth.memory.failures import Failures
from flowship.auth.memory.lanes import FullError
from flowship.auth.memory.verified import VerifiedCredentials

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.authenticator import Credentials, Identity, Outcome
    from flowship.auth.generations import Generations
    from flowship.auth.memory.lanes import Lane, Lanes


KNOWN_FOR = 86_400.0
"""Seconds for which credentials that were right are not taken for guesses."""
TRY_AGAIN_AFTER = 5
"""Seconds after which to try again when too many wait to be verified."""


@dataclass(frozen=True)
class Grace:
    """Says how long users who were verified before come in while nobody can be asked."""

    seconds: float
    needed: Callable[[], bool]
    """Whether it is known that nobody can be asked now."""


NO_GRACE = Grace(0.0, lambda: False)


class CachingAuthenticator:
    """Has credentials verified once for all requests with them, and not at all after too many failures. Used on one
    event loop.

    Credentials that were right before are verified again when their time is over, whatever others try under that name:
    else whoever shares an address with a user could keep the user out.
    """

    def __init__(
        self,
        verify: Callable[[Credentials], Outcome],
        ttl: float,
        generations: Generations,
        lanes: Lanes,
        *,
        failures: Failures | None = None,
        spell: Callable[[Credentials], Credentials | None] = lambda credentials: credentials,
        grace: Grace = NO_GRACE,
    ) -> None:
        """`verify` asks, in a thread. `spell` gives credentials that mean the same in one spelling, and None for what
        nobody can have."""
        self._verify = verify
        self._ttl = ttl
        self._generations = generations
        self._lanes = lanes
        self._failures = failures or Failures()
        self._spell = spell
        self._grace = grace
        self._memory = VerifiedCredentials(generations)

    def remembered(self, credentials: Credentials) -> Identity | None:
        spelt = self._spell(credentials)
        if spelt is None:
            return None
        if identity := self._memory.identity(spelt, self._ttl):
            return identity
        return self._memory.identity(spelt, self._grace.seconds) if self._grace.needed() else None

    async def authenticate(self, credentials: Credentials, address: str) -> Outcome:
        spelt = self._spell(credentials)
        if spelt is None:
            return Wrong()
        if identity := self._memory.identity(spelt, self._ttl):
            return Verified(identity)
        outcome = await self._unless_slowed(spelt, address)
        if isinstance(outcome, Unavailable) and (identity := self._memory.identity(spelt, self._grace.seconds)):
            return Verified(identity)
        return outcome

    async def _unless_slowed(self, credentials: Credentials, address: str) -> Outcome:
        if self._memory.were_right(credentials, KNOWN_FOR):
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
        match outcome:
            case Verified(identity):
                self._memory.put(credentials, identity, since)
            case Forbidden():
                self._memory.turn_away(credentials)
            case Wrong():
                self._memory.discard(credentials)
        return outcome
