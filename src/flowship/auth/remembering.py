"""An authenticator made of what verifies once: with a cache in front, and failures counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.authenticator import Slowed, Verified, Wrong
from flowship.auth.cache import CredentialCache
from flowship.auth.failures import Failures

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.authenticator import Credentials, Identity, Outcome


KNOWN_FOR = 86_400.0
"""Seconds for which credentials that were right are not taken for guesses."""


class RememberingAuthenticator:
    """Asks `verify` once for the same credentials, and not at all after too many failures.

    Credentials that were right before are verified again when the cache has forgotten them, whatever others try under
    that name: else whoever shares an address with a user could keep the user out.
    """

    def __init__(
        self, verify: Callable[[Credentials], Outcome], cache: CredentialCache, failures: Failures | None = None
    ) -> None:
        self._verify = verify
        self._cache = cache
        self._failures = failures or Failures()
        self._before = CredentialCache(KNOWN_FOR)

    def remembered(self, credentials: Credentials) -> Identity | None:
        return self._cache.get(credentials)

    def authenticate(self, credentials: Credentials, address: str) -> Outcome:
        if self._before.get(credentials):
            return self._settled(credentials, self._cache.verified(credentials, lambda: self._verify(credentials)))
        who = credentials.username, address
        if wait := self._failures.begin(*who):
            return Slowed(wait)
        try:
            outcome = self._cache.verified(credentials, lambda: self._verify(credentials))
        except BaseException:
            self._failures.undo(*who)
            raise
        if isinstance(outcome, Verified):
            self._failures.succeeded(*who)
        elif not isinstance(outcome, Wrong):
            self._failures.undo(*who)
        return self._settled(credentials, outcome)

    def _settled(self, credentials: Credentials, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Verified):
            self._before.put(credentials, outcome.identity)
        elif isinstance(outcome, Wrong):
            self._before.discard(credentials)
        return outcome

    def forget(self, username: str) -> None:
        """Forget a user of MLflow, whose password or rights have changed."""
        self._cache.forget(username)
        self._before.forget(username)
