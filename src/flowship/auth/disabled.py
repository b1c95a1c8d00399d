"""Users who may not sign in, whichever way they try, and keep what they were given: who has a role of this name.

MLflow knows no disabled users. A role is kept, backed up, shown and changed as all of its roles are, on its admin page
and by its API too, and every server that shares the database sees it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.authenticator import Forbidden, Unavailable, Verified
from flowship.auth.users_database import RETRY_AFTER, UsersDatabaseError, asking_users

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.authenticator import Credentials, Outcome

ROLE = "flowship-disabled"
WORKSPACE = "default"
"""Where the role counts: who manages another workspace may name roles there as they like."""

SENTENCE = "This account is disabled. Ask an admin to enable it."


def unless_disabled(
    verify: Callable[[Credentials], Outcome], disabled: Callable[[str], bool] | None = None
) -> Callable[[Credentials], Outcome]:
    """Wrap what verifies credentials once, so that nobody who is disabled comes in; only who proved to be that user is
    told why. `disabled` tells whether a user is, by MLflow's users unless it is given."""
    return lambda credentials: still_enabled(verify(credentials), disabled)


def still_enabled(outcome: Outcome, disabled: Callable[[str], bool] | None = None) -> Outcome:
    """Give what was found out about somebody, or why who was verified may not come in nevertheless."""
    if not isinstance(outcome, Verified):
        return outcome
    try:
        with asking_users("nobody can be let in"):
            is_out = (disabled or is_disabled)(outcome.identity.username)
    except UsersDatabaseError:
        return Unavailable(RETRY_AFTER)
    return Forbidden(SENTENCE) if is_out else outcome


def is_disabled(username: str) -> bool:
    """Tell whether this user of MLflow's is disabled; one whom it does not know is not.

    Raises MlflowException when the database does not answer.
    """
    from flowship.mlflow_seams.auth.users import has_role

    return has_role(username, ROLE, WORKSPACE)
