"""An authenticator made of what verifies once: with a cache in front, and failures counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.authenticator import Slowed, Verified, Wrong
from flowship.auth.failures import Failures

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.authenticator import Credentials, Identity, Outcome
    from flowship.auth.cache import CredentialCache


class RememberingAuthenticator:
    """Asks `verify` once for the same credentials, and not at all after too many failures."""

    def __init__(
        self, verify: Callable[[Credentials], Outcome], cache: CredentialCache, failures: Failures | None = None
    ) -> None:
        self._verify = verify
        self._cache = cache
        self._failures = failures or Failures()

    def remembered(self, credentials: Credentials) -> Identity | None:
        return self._cache.get(credentials)

    def authenticate(self, credentials: Credentials, address: str) -> Outcome:
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
        return outcome

    def forget(self, username: str) -> None:
        """Forget a user of MLflow, whose password or rights have changed."""
        self._cache.forget(username)
