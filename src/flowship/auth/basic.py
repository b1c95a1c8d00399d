"""Basic authentication: MLflow's own users, whose passwords are hashed in its database."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Identity, Unavailable, Verified, Wrong
from flowship.auth.failures import Failures
from flowship.auth.lanes import Lanes
from flowship.auth.remembering import RememberingAuthenticator

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.authenticator import Credentials, Outcome
    from flowship.auth.generations import Generations

RETRY_AFTER = 5
"""Seconds after which to ask a database again that did not answer."""

_logger = logging.getLogger(__name__)


def basic_authenticator(ttl: float, generations: Generations) -> RememberingAuthenticator:
    """An authenticator for MLflow's users, which remembers for `ttl` seconds. Make it after a fork."""
    from flowship.mlflow_seams.users import is_password_of

    # Behind a proxy that nobody named in trustedProxies, all share its address: one job with an old password would keep
    # everybody out. MLflow's own users have no directory that must be spared.
    failures = Failures(free_for_an_address=None)
    # A hash keeps one processor busy, so one at a time in a lane is as fast as several.
    return RememberingAuthenticator(verifier(is_password_of), ttl, generations, Lanes(1, yielding=True), failures)


def verifier(is_password_of: Callable[[str, str], bool]) -> Callable[[Credentials], Outcome]:
    """What verifies once, by a query and a hash that is slow on purpose."""
    from mlflow.exceptions import MlflowException

    def verify(credentials: Credentials) -> Outcome:
        try:
            right = is_password_of(credentials.username, credentials.password)
        except MlflowException as error:  # its store wraps what a database that is down raises
            _logger.warning("no user can be verified, because the users' database failed: %s", error.error_code)
            return Unavailable(RETRY_AFTER)
        return Verified(Identity(credentials.username)) if right else Wrong()

    return verify
