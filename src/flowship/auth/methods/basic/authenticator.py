"""Verifies MLflow's own users, whose passwords are hashed in its database."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Entrance, Identity, Unavailable, Verified, Wrong
from flowship.auth.disabled import RETRY_AFTER, unless_disabled
from flowship.auth.gate.basic_claims import BasicClaims
from flowship.auth.memory.caching import CachingAuthenticator
from flowship.auth.memory.failures import Failures
from flowship.auth.memory.lanes import Lanes

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.authenticator import Credentials, Outcome
    from flowship.auth.sign_in import Worker

_logger = logging.getLogger(__name__)


def entrance(ttl: float, worker: Worker) -> Entrance:
    """Make the entrance for MLflow's users, of whom it is remembered for `ttl` seconds who was right."""
    from flowship.mlflow_seams.auth.users import is_password_of

    # Behind a proxy that nobody named in trustedProxies, all share its address: one job with an old password would keep
    # everybody out. MLflow's own users have no directory that must be spared.
    failures = Failures(free_for_an_address=None)
    # A hash keeps one processor busy, so one at a time in a lane is as fast as several.
    lanes = Lanes(1, yielding=True)
    verify = unless_disabled(verifier(is_password_of, worker.is_anothers))
    authenticator = CachingAuthenticator(verify, ttl, worker.generations, lanes, failures=failures)
    return Entrance(BasicClaims(worker.gateway), authenticator, takes_passwords=True)


def verifier(
    is_password_of: Callable[[str, str], bool], is_anothers: Callable[[str], bool] = lambda username: False
) -> Callable[[Credentials], Outcome]:
    """Make what verifies credentials once, by a query and a hash that is slow on purpose. `is_anothers` tells of names
    that nobody has here, whatever MLflow keeps for them."""
    from mlflow.exceptions import MlflowException

    def verify(credentials: Credentials) -> Outcome:
        try:
            right = is_password_of(credentials.username, credentials.password)
            right = right and not is_anothers(credentials.username)
        except MlflowException as error:  # its store wraps what a database that is down raises
            _logger.warning("no user can be verified, because the users' database failed: %s", error.error_code)
            return Unavailable(RETRY_AFTER)
        return Verified(Identity(credentials.username)) if right else Wrong()

    return verify
