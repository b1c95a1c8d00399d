"""Verifies users of a directory: an outage is bridged for those from before, and MLflow keeps each user."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Credentials, Entrance, Forbidden, Readmission, Unavailable, Verified, Wrong
from flowship.auth.disabled import unless_disabled
from flowship.auth.gate.shown_secret import ShownSecret, is_basic
from flowship.auth.in_mlflow.provisioning import Provisioning
from flowship.auth.memory.caching import CachingAuthenticator, Grace
from flowship.auth.memory.lanes import Lanes
from flowship.auth.methods.ldap import login
from flowship.auth.methods.ldap.client import Directory
from flowship.auth.methods.ldap.errors import DirectoryDownError, DirectorySetupError
from flowship.auth.methods.ldap.names import canonical
from flowship.auth.methods.ldap.outage import TRY_AGAIN_AFTER, Outage

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.authenticator import Identity, Outcome
    from flowship.auth.generations import Generations
    from flowship.auth.methods.ldap.settings import DirectorySettings
    from flowship.auth.sign_in import Worker


UNASKED_FOR = 28_800.0
"""Seconds that a session lasts at most where nobody can be asked about a user without the password: a working day."""

ANOTHERS = "Your password is right, but your name here is a user's who signs in elsewhere. Ask an administrator."

THREADS = 16
"""Verifications in a lane that may run at once. They wait for the directory."""


class DirectoryVerifier:
    """Asks the directory for one user, unless it is known to be down, and keeps the user in MLflow."""

    def __init__(
        self,
        ask: Callable[[Credentials], Outcome],
        keep: Callable[[Identity], None],
        outage: Outage,
        is_anothers: Callable[[str], bool] = lambda username: False,
    ) -> None:
        self._ask, self._keep, self._outage, self._is_anothers = ask, keep, outage, is_anothers

    def __call__(self, credentials: Credentials) -> Outcome:
        if not self._outage.may_ask():
            return Unavailable(TRY_AGAIN_AFTER)
        try:
            outcome = self._ask(credentials)
        except DirectoryDownError as error:
            self._outage.failed(str(error))
            return Unavailable(TRY_AGAIN_AFTER)
        except DirectorySetupError as error:
            self._outage.ended()
            self._outage.log(f"a user cannot be verified: {error}")
            return Unavailable(TRY_AGAIN_AFTER)
        except BaseException as error:
            self._outage.failed(type(error).__name__)
            raise
        self._outage.ended()
        return self._kept(outcome) if isinstance(outcome, Verified) else outcome

    def _kept(self, outcome: Verified) -> Outcome:
        from mlflow.exceptions import MlflowException

        try:
            if self._is_anothers(outcome.identity.username):
                return Forbidden(ANOTHERS)
            self._keep(outcome.identity)
        except MlflowException as error:  # its store wraps what a database that is down raises
            self._outage.log(f"no user can be kept, because the database of permissions failed: {error.error_code}")
            return Unavailable(TRY_AGAIN_AFTER)
        return outcome


def entrance(settings: DirectorySettings, ttl: float, worker: Worker) -> Entrance:
    """Make the entrance for users of this directory, of whom it is remembered for `ttl` seconds who was right."""
    from flowship.mlflow_seams.auth.users import users_store

    directory, outage = Directory(settings), Outage(worker.observe_outage)
    keep = Provisioning(users_store).keep
    verifier = DirectoryVerifier(
        lambda credentials: login.verify(directory, credentials), keep, outage, worker.is_anothers
    )
    return Entrance(
        ShownSecret(worker.gateway),
        bridging(unless_disabled(verifier), ttl, settings.grace, outage, worker.generations),
        takes_passwords=True,
        takes=is_basic,
        readmission=_readmission(directory, settings, keep, outage, worker.is_anothers),
        longest_session=UNASKED_FOR if settings.search is None else math.inf,
    )


def _readmission(
    directory: Directory,
    settings: DirectorySettings,
    keep: Callable[[Identity], None],
    outage: Outage,
    is_anothers: Callable[[str], bool],
) -> Readmission | None:
    """Make what asks without a password, for which a service account is needed."""
    search = settings.search
    if search is None:
        return None
    verifier = DirectoryVerifier(
        lambda credentials: login.still_admitted(directory, search, credentials.username), keep, outage, is_anothers
    )

    def ask(name: str) -> Outcome:
        spelt = canonical(name)
        return verifier(Credentials(spelt, "")) if spelt else Wrong()

    return Readmission(ask, lambda login: settings.grace)


def bridging(
    verify: Callable[[Credentials], Outcome], ttl: float, grace: float, outage: Outage, generations: Generations
) -> CachingAuthenticator:
    """Make an authenticator that lets users from before in for `grace` seconds while the directory is down."""
    return CachingAuthenticator(
        verify,
        ttl,
        generations,
        Lanes(THREADS),
        spell=_in_one_spelling,
        grace=Grace(grace, lambda: outage.lasts),
    )


def _in_one_spelling(credentials: Credentials) -> Credentials | None:
    name = canonical(credentials.username)
    return Credentials(name, credentials.password) if name and credentials.password else None
