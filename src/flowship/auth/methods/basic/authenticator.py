"""Verifies MLflow's own users, whose passwords are hashed in its database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.authenticator import Entrance, Identity, Unavailable, Verified, Wrong
from flowship.auth.disabled import unless_disabled
from flowship.auth.gate.shown_secret import ShownSecret, is_basic
from flowship.auth.memory.caching import CachingAuthenticator
from flowship.auth.memory.failures import Failures
from flowship.auth.memory.lanes import Lanes
from flowship.auth.methods.basic.known_hashes import KnownHashes
from flowship.auth.users_database import RETRY_AFTER, UsersDatabaseError, asking_users

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.authenticator import Credentials, Outcome
    from flowship.auth.sign_in import Worker


def entrance(ttl: float, worker: Worker) -> Entrance:
    """Make the entrance for MLflow's users, of whom it is remembered for `ttl` seconds who was right."""
    from flowship.mlflow_seams.auth.passwords import hash_of
    from flowship.mlflow_seams.auth.users import is_password_of

    # Behind a proxy that nobody named in trustedProxies, all share its address: one job with an old password would keep
    # everybody out. MLflow's own users have no directory that must be spared.
    failures = Failures(free_for_an_address=None)
    # A hash keeps one processor busy, so one at a time in a lane is as fast as several.
    lanes = Lanes(1, yielding=True)
    ask = KnownHashes(is_password_of, hash_of).is_password_of if ttl else is_password_of  # 0 has nothing remembered
    verify = unless_disabled(verifier(ask, worker.is_anothers))
    authenticator = CachingAuthenticator(verify, ttl, worker.generations, lanes, failures=failures)
    return Entrance(ShownSecret(worker.gateway), authenticator, takes_passwords=True, takes=is_basic)


def verifier(
    is_password_of: Callable[[str, str], bool], is_anothers: Callable[[str], bool] = lambda username: False
) -> Callable[[Credentials], Outcome]:
    """Make what verifies credentials once, by a query and, unless it is known, a hash that is slow on purpose.
    `is_anothers` tells of names that nobody has here, whatever MLflow keeps for them."""

    def verify(credentials: Credentials) -> Outcome:
        try:
            with asking_users("no user can be verified"):
                right = is_password_of(credentials.username, credentials.password)
                right = right and not is_anothers(credentials.username)
        except UsersDatabaseError:
            return Unavailable(RETRY_AFTER)
        return Verified(Identity(credentials.username)) if right else Wrong()

    return verify
