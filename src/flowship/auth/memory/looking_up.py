"""Random ids that stand for a user, such as a session's: looked up once in a while, and remembered in between.

Nobody can guess one, so failures are not counted: that would keep out whoever shares an address with a program that has
an old one. Those that nobody knows are looked up in a lane of their own, and hold up none that were right before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Forbidden, Unavailable, Verified, Wrong
from flowship.auth.memory.caching import KNOWN_FOR, TRY_AGAIN_AFTER
from flowship.auth.memory.lanes import FullError, Lane
from flowship.auth.memory.verified import VerifiedCredentials

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.authenticator import Credentials, Identity, Outcome
    from flowship.auth.generations import Generations

REMEMBERED = 60.0
"""Seconds for which an id is remembered at most, so that how long it lasts holds to the minute."""
KNOWN_THREADS, OTHER_THREADS = 4, 1
"""Look-ups that may run at once, of ids that were right before and of others."""


@dataclass(frozen=True)
class Lasting:
    """Says that an id is right, and for how many seconds at most."""

    outcome: Verified
    seconds: float


class LookUpAuthenticator:
    """Has ids looked up once for all requests with them. Used on one event loop."""

    def __init__(
        self,
        look_up: Callable[[Credentials], Lasting | Outcome],
        ttl: float,
        generations: Generations,
        *,
        name: str,
    ) -> None:
        """`look_up` asks, in a thread whose name begins with `name`. `ttl` says for how many seconds what it answered
        may be remembered."""
        self._look_up = look_up
        self._ttl = min(ttl, REMEMBERED)
        self._generations = generations
        self._known = Lane(f"{name}-known", KNOWN_THREADS)
        self._others = Lane(f"{name}-others", OTHER_THREADS)
        self._memory = VerifiedCredentials(generations)

    def remembered(self, credentials: Credentials) -> Identity | None:
        return self._memory.identity(credentials, self._ttl)

    async def authenticate(self, credentials: Credentials, address: str) -> Outcome:
        del address
        if identity := self._memory.identity(credentials, self._ttl):
            return Verified(identity)
        lane = self._known if self._memory.were_right(credentials, KNOWN_FOR) else self._others
        since = self._generations.copy()
        try:
            found: Lasting | Outcome = await lane.run(partial(self._look_up, credentials))
        except FullError:
            return Unavailable(TRY_AGAIN_AFTER)
        match found:
            case Lasting(outcome, seconds):
                self._memory.put(credentials, outcome.identity, since, lasts=seconds)
                return outcome
            case Forbidden():
                self._memory.turn_away(credentials)
            case Wrong():
                self._memory.discard(credentials)
        return found

    def forget(self, credentials: Credentials) -> None:
        """Forget an id that was ended here."""
        self._memory.discard(credentials)
