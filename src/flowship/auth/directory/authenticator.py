"""The directory as an authenticator: with what was verified remembered, failures slowed down, and outages bridged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.authenticator import Credentials, Unavailable, Verified, Wrong
from flowship.auth.cache import CredentialCache
from flowship.auth.directory import login
from flowship.auth.directory.client import Directory
from flowship.auth.directory.errors import DirectoryDownError, DirectorySetupError
from flowship.auth.directory.names import canonical
from flowship.auth.directory.outage import TRY_AGAIN_AFTER, Outage
from flowship.auth.directory.users import MlflowUsers
from flowship.auth.remembering import RememberingAuthenticator

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.authenticator import Identity, Outcome
    from flowship.auth.directory.settings import DirectorySettings


class DirectoryAuthenticator:
    """Verifies users of a directory. Made in each worker, after the fork."""

    def __init__(
        self,
        verify: Callable[[Credentials], Outcome],
        keep: Callable[[Identity], None],
        settings: DirectorySettings,
        outage: Outage,
    ) -> None:
        self._ask, self._keep, self._outage = verify, keep, outage
        self._before = CredentialCache(settings.grace)
        self._remembering = RememberingAuthenticator(self._verify, CredentialCache(settings.cache_ttl))

    def remembered(self, credentials: Credentials) -> Identity | None:
        claim = _in_one_spelling(credentials)
        if claim is None:
            return None
        return self._remembering.remembered(claim) or (self._before.get(claim) if self._outage.lasts else None)

    def authenticate(self, credentials: Credentials, address: str) -> Outcome:
        claim = _in_one_spelling(credentials)
        if claim is None:
            return Wrong()
        before = self._before.get(claim)
        outcome = self._remembering.authenticate(claim, address)
        return Verified(before) if before and isinstance(outcome, Unavailable) else outcome

    def forget(self, username: str) -> None:
        """Forget a user of MLflow, whose rights have changed."""
        self._remembering.forget(username)
        self._before.forget(username)

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
        return self._settled(claim, outcome)

    def _settled(self, claim: Credentials, outcome: Outcome) -> Outcome:
        from mlflow.exceptions import MlflowException

        if not isinstance(outcome, Verified):
            self._before.discard(claim)
            return outcome
        try:
            self._keep(outcome.identity)
        except MlflowException as error:  # its store wraps what a database that is down raises
            self._outage.tell(f"no user can be kept, because the database of permissions failed: {error.error_code}")
            return Unavailable(TRY_AGAIN_AFTER)
        self._before.put(claim, outcome.identity)
        return outcome


def directory_authenticator(
    settings: DirectorySettings, observe_outage: Callable[[bool], None] = lambda down: None
) -> DirectoryAuthenticator:
    """An authenticator for these settings. `observe_outage` is told when the directory goes down and comes back."""
    from flowship.mlflow_seams.users import users_store

    directory = Directory(settings)
    return DirectoryAuthenticator(
        lambda claim: login.verify(directory, claim),
        MlflowUsers(users_store).keep,
        settings,
        Outage(observe_outage),
    )


def _in_one_spelling(credentials: Credentials) -> Credentials | None:
    name = canonical(credentials.username)
    return Credentials(name, credentials.password) if name and credentials.password else None
