"""The directory as an authenticator: with what was verified remembered, failures slowed down, and outages bridged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.authenticator import Credentials, Forbidden, Unavailable, Verified, Wrong
from flowship.auth.cache import CredentialCache
from flowship.auth.directory import login
from flowship.auth.directory.client import Directory
from flowship.auth.directory.errors import DirectoryDownError, DirectorySetupError
from flowship.auth.directory.names import canonical
from flowship.auth.directory.outage import TRY_AGAIN_AFTER, Outage
from flowship.auth.directory.users import MlflowUsers
from flowship.auth.lanes import Lanes
from flowship.auth.remembering import RememberingAuthenticator

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.authenticator import Identity, Outcome
    from flowship.auth.directory.settings import DirectorySettings
    from flowship.auth.generations import Generations


THREADS = 16
"""Verifications in a lane that may run at once. They wait for the directory."""


class DirectoryAuthenticator:
    """Verifies users of a directory. Made in each worker, after the fork, and used on its event loop."""

    def __init__(
        self,
        verify: Callable[[Credentials], Outcome],
        keep: Callable[[Identity], None],
        settings: DirectorySettings,
        outage: Outage,
        generations: Generations,
    ) -> None:
        self._ask, self._keep, self._outage, self._generations = verify, keep, outage, generations
        self._before = CredentialCache(settings.grace, generations)
        self._remembering = RememberingAuthenticator(self._verify, settings.cache_ttl, generations, Lanes(THREADS))

    def remembered(self, credentials: Credentials) -> Identity | None:
        claim = _in_one_spelling(credentials)
        if claim is None:
            return None
        return self._remembering.remembered(claim) or (self._before.get(claim) if self._outage.lasts else None)

    async def authenticate(self, credentials: Credentials, address: str) -> Outcome:
        claim = _in_one_spelling(credentials)
        if claim is None:
            return Wrong()
        since = self._generations.copy()
        outcome = await self._remembering.authenticate(claim, address)
        match outcome:
            case Verified(identity):
                self._before.put(claim, identity, since)
            case Unavailable() if before := self._before.get(claim):
                return Verified(before)
            case Wrong() | Forbidden():
                self._before.discard(claim)
        return outcome

    def _verify(self, claim: Credentials) -> Outcome:
        if not self._outage.ask():
            return Unavailable(TRY_AGAIN_AFTER)
        try:
            outcome = self._ask(claim)
        except DirectoryDownError as error:
            self._outage.failed(str(error))
            return Unavailable(TRY_AGAIN_AFTER)
        except DirectorySetupError as error:
            self._outage.ended()
            self._outage.tell(f"a user cannot be verified: {error}")
            return Unavailable(TRY_AGAIN_AFTER)
        except BaseException as error:
            self._outage.failed(type(error).__name__)
            raise
        self._outage.ended()
        return self._kept(outcome) if isinstance(outcome, Verified) else outcome

    def _kept(self, outcome: Verified) -> Outcome:
        from mlflow.exceptions import MlflowException

        try:
            self._keep(outcome.identity)
        except MlflowException as error:  # its store wraps what a database that is down raises
            self._outage.tell(f"no user can be kept, because the database of permissions failed: {error.error_code}")
            return Unavailable(TRY_AGAIN_AFTER)
        return outcome


def directory_authenticator(
    settings: DirectorySettings, generations: Generations, observe_outage: Callable[[bool], None] = lambda down: None
) -> DirectoryAuthenticator:
    """An authenticator for these settings. `observe_outage` is told when the directory goes down and comes back."""
    from flowship.mlflow_seams.users import users_store

    directory = Directory(settings)
    return DirectoryAuthenticator(
        lambda claim: login.verify(directory, claim),
        MlflowUsers(users_store).keep,
        settings,
        Outage(observe_outage),
        generations,
    )


def _in_one_spelling(credentials: Credentials) -> Credentials | None:
    name = canonical(credentials.username)
    return Credentials(name, credentials.password) if name and credentials.password else None
