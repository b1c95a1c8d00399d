"""Who is disabled does not come in, and only who proved to be that user is told why."""

from __future__ import annotations

import pytest

from flowship.auth.authenticator import Credentials, Forbidden, Identity, Outcome, Unavailable, Verified, Wrong
from flowship.auth.disabled import SENTENCE, unless_disabled
from flowship.auth.users_database import RETRY_AFTER

ANN = Credentials("ann", "open sesame!")


def test_who_is_disabled_is_told_so_by_the_name_in_mlflow() -> None:
    verify = unless_disabled(lambda credentials: Verified(Identity(credentials.username.lower())), {"ann"}.__contains__)

    assert verify(Credentials("ANN", "open sesame!")) == Forbidden(SENTENCE)
    assert verify(Credentials("bob", "open sesame!")) == Verified(Identity("bob"))


@pytest.mark.parametrize("outcome", [Wrong(), Forbidden("Not in the group."), Unavailable(7)])
def test_who_did_not_prove_to_be_the_user_is_told_nothing_of_it(outcome: Outcome) -> None:
    asked: list[str] = []

    def disabled(username: str) -> bool:
        asked.append(username)
        return True

    assert unless_disabled(lambda credentials: outcome, disabled)(ANN) == outcome
    assert asked == []


def test_nobody_comes_in_unasked_while_the_database_is_down() -> None:
    from mlflow.exceptions import MlflowException

    def disabled(username: str) -> bool:
        raise MlflowException("the password of the database is ...")

    verify = unless_disabled(lambda credentials: Verified(Identity("ann")), disabled)

    assert verify(ANN) == Unavailable(RETRY_AFTER)
