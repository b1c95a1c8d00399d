from __future__ import annotations

import pytest

from flowship.auth.authenticator import Credentials, Identity, Outcome, Slowed, Unavailable, Verified, Wrong
from flowship.auth.cache import CredentialCache
from flowship.auth.failures import FREE_FOR_A_NAME, FREE_FOR_AN_ADDRESS
from flowship.auth.remembering import RememberingAuthenticator

RIGHT, ADDRESS = Credentials("ann", "right"), "192.0.2.1"


class Verifier:
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.down = False

    def __call__(self, credentials: Credentials) -> Outcome:
        self.asked.append(credentials.password)
        if self.down:
            return Unavailable(5)
        return Verified(Identity("ann")) if credentials == RIGHT else Wrong()


@pytest.fixture
def verifier() -> Verifier:
    return Verifier()


@pytest.fixture
def authenticator(verifier: Verifier) -> RememberingAuthenticator:
    return RememberingAuthenticator(verifier, CredentialCache(60))


def test_right_credentials_are_asked_for_once(authenticator: RememberingAuthenticator, verifier: Verifier) -> None:
    assert authenticator.remembered(RIGHT) is None
    assert [authenticator.authenticate(RIGHT, ADDRESS) for _ in range(9)] == [Verified(Identity("ann"))] * 9
    assert authenticator.remembered(RIGHT) == Identity("ann")
    assert verifier.asked == ["right"]


def test_guessing_is_slowed_down_and_costs_nothing_more(
    authenticator: RememberingAuthenticator, verifier: Verifier
) -> None:
    outcomes = [authenticator.authenticate(Credentials("ann", f"{n}"), ADDRESS) for n in range(FREE_FOR_A_NAME + 3)]

    assert outcomes == [Wrong()] * FREE_FOR_A_NAME + [Slowed(1)] * 3
    assert len(verifier.asked) == FREE_FOR_A_NAME


def test_who_is_remembered_is_not_slowed_down(authenticator: RememberingAuthenticator) -> None:
    authenticator.authenticate(RIGHT, ADDRESS)
    for n in range(FREE_FOR_A_NAME):
        authenticator.authenticate(Credentials("ann", f"{n}"), ADDRESS)

    assert authenticator.remembered(RIGHT) == Identity("ann")


def test_what_nobody_could_verify_is_no_failure(authenticator: RememberingAuthenticator, verifier: Verifier) -> None:
    verifier.down = True
    for _ in range(FREE_FOR_AN_ADDRESS + 1):
        assert authenticator.authenticate(RIGHT, ADDRESS) == Unavailable(5)

    verifier.down = False

    assert authenticator.authenticate(RIGHT, ADDRESS) == Verified(Identity("ann"))


def test_a_forgotten_user_is_asked_for_again(authenticator: RememberingAuthenticator, verifier: Verifier) -> None:
    authenticator.authenticate(RIGHT, ADDRESS)
    authenticator.forget("ann")
    authenticator.authenticate(RIGHT, ADDRESS)

    assert verifier.asked == ["right", "right"]


def test_guesses_by_others_do_not_keep_out_who_was_right_before(verifier: Verifier) -> None:
    authenticator = RememberingAuthenticator(verifier, CredentialCache(0))
    authenticator.authenticate(RIGHT, ADDRESS)
    for n in range(FREE_FOR_A_NAME):
        authenticator.authenticate(Credentials("ann", f"{n}"), ADDRESS)

    assert authenticator.authenticate(Credentials("ann", "other"), ADDRESS) == Slowed(1)
    assert authenticator.authenticate(RIGHT, ADDRESS) == Verified(Identity("ann"))


def test_a_password_that_was_right_before_becomes_a_guess_when_it_is_wrong(verifier: Verifier) -> None:
    changing = [Verified(Identity("ann"))]
    authenticator = RememberingAuthenticator(lambda _: changing.pop() if changing else Wrong(), CredentialCache(0))

    outcomes = [authenticator.authenticate(RIGHT, ADDRESS) for _ in range(FREE_FOR_A_NAME + 3)]

    assert outcomes == [Verified(Identity("ann")), *[Wrong()] * (FREE_FOR_A_NAME + 1), Slowed(1)]
