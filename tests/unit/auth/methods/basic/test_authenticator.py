from __future__ import annotations

from flowship.auth.authenticator import Credentials, Identity, Unavailable, Verified, Wrong
from flowship.auth.methods.basic.authenticator import verifier
from flowship.auth.users_database import RETRY_AFTER

ANN = Credentials("ann", "open sesame!")


def test_mlflow_says_whether_the_password_is_right() -> None:
    asked: list[tuple[str, str]] = []

    def is_password_of(username: str, password: str) -> bool:
        asked.append((username, password))
        return password == ANN.password

    verify = verifier(is_password_of)

    assert verify(ANN) == Verified(Identity("ann"))
    assert verify(Credentials("ann", "other")) == Wrong()
    assert asked == [("ann", "open sesame!"), ("ann", "other")]


def test_a_database_that_is_down_is_no_wrong_password() -> None:
    from mlflow.exceptions import MlflowException

    def is_password_of(username: str, password: str) -> bool:
        raise MlflowException("the password of the database is ...")

    assert verifier(is_password_of)(ANN) == Unavailable(RETRY_AFTER)
