from __future__ import annotations

import asyncio
import threading

import pytest

from flowship.auth.authenticator import Credentials, Identity, Outcome, Slowed, Unavailable, Verified, Wrong
from flowship.auth.generations import Generations
from flowship.auth.memory.caching import TRY_AGAIN_AFTER, CachingAuthenticator
from flowship.auth.memory.failures import FREE_FOR_A_NAME, FREE_FOR_AN_ADDRESS
from flowship.auth.memory.lanes import Lane, Lanes

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


def asked(authenticator: CachingAuthenticator, credentials: Credentials) -> Outcome:
    return asyncio.run(authenticator.authenticate(credentials, ADDRESS))


@pytest.fixture
def authenticator(verifier: Verifier, generations: Generations) -> CachingAuthenticator:
    return CachingAuthenticator(verifier, 60, generations, Lanes(1))


def test_right_credentials_are_asked_for_once(authenticator: CachingAuthenticator, verifier: Verifier) -> None:
    assert authenticator.remembered(RIGHT) is None
    assert [asked(authenticator, RIGHT) for _ in range(9)] == [Verified(Identity("ann"))] * 9
    assert authenticator.remembered(RIGHT) == Identity("ann")
    assert verifier.asked == ["right"]


def test_guessing_is_slowed_down_and_costs_nothing_more(
    authenticator: CachingAuthenticator, verifier: Verifier
) -> None:
    outcomes = [asked(authenticator, Credentials("ann", f"{n}")) for n in range(FREE_FOR_A_NAME + 3)]

    assert outcomes == [Wrong()] * FREE_FOR_A_NAME + [Slowed(1)] * 3
    assert len(verifier.asked) == FREE_FOR_A_NAME


def test_who_is_remembered_is_not_slowed_down(authenticator: CachingAuthenticator) -> None:
    asked(authenticator, RIGHT)
    for n in range(FREE_FOR_A_NAME):
        asked(authenticator, Credentials("ann", f"{n}"))

    assert authenticator.remembered(RIGHT) == Identity("ann")


def test_what_nobody_could_verify_is_no_failure(authenticator: CachingAuthenticator, verifier: Verifier) -> None:
    verifier.down = True
    for _ in range(FREE_FOR_AN_ADDRESS + 1):
        assert asked(authenticator, RIGHT) == Unavailable(5)

    verifier.down = False

    assert asked(authenticator, RIGHT) == Verified(Identity("ann"))


def test_a_changed_user_is_asked_for_again(
    authenticator: CachingAuthenticator, verifier: Verifier, generations: Generations
) -> None:
    asked(authenticator, RIGHT)
    generations.user_changed("ann")
    asked(authenticator, RIGHT)

    assert verifier.asked == ["right", "right"]


def test_guesses_by_others_do_not_keep_out_who_was_right_before(verifier: Verifier) -> None:
    authenticator = CachingAuthenticator(verifier, 0, Generations(), Lanes(1))
    asked(authenticator, RIGHT)
    for n in range(FREE_FOR_A_NAME):
        asked(authenticator, Credentials("ann", f"{n}"))

    assert asked(authenticator, Credentials("ann", "other")) == Slowed(1)
    assert asked(authenticator, RIGHT) == Verified(Identity("ann"))


def test_a_password_that_was_right_before_becomes_a_guess_when_it_is_wrong(verifier: Verifier) -> None:
    changing = [Verified(Identity("ann"))]
    authenticator = CachingAuthenticator(lambda _: changing.pop() if changing else Wrong(), 0, Generations(), Lanes(1))

    outcomes = [asked(authenticator, RIGHT) for _ in range(FREE_FOR_A_NAME + 3)]

    assert outcomes == [Verified(Identity("ann")), *[Wrong()] * (FREE_FOR_A_NAME + 1), Slowed(1)]


def test_a_user_who_is_changed_during_the_verification_is_not_remembered() -> None:
    generations = Generations()

    def verify(credentials: Credentials) -> Outcome:
        generations.user_changed("ann")
        return Verified(Identity("ann"))

    authenticator = CachingAuthenticator(verify, 60, generations, Lanes(1))

    assert asked(authenticator, RIGHT) == Verified(Identity("ann"))
    assert authenticator.remembered(RIGHT) is None


def test_who_was_right_before_waits_for_nobody_who_was_not() -> None:
    go = threading.Event()

    def verify(credentials: Credentials) -> Outcome:
        if credentials == RIGHT:
            return Verified(Identity("ann"))
        assert go.wait(10)
        return Wrong()

    authenticator = CachingAuthenticator(verify, 0, Generations(), Lanes(1))

    async def crowd() -> list[Outcome]:
        assert await authenticator.authenticate(RIGHT, ADDRESS) == Verified(Identity("ann"))
        others = [
            asyncio.create_task(authenticator.authenticate(Credentials(f"user{n}", "x"), ADDRESS)) for n in range(20)
        ]
        await asyncio.sleep(0)
        again = await asyncio.wait_for(authenticator.authenticate(RIGHT, ADDRESS), 10)
        assert not any(other.done() for other in others)
        go.set()
        return [again, *await asyncio.gather(*others)]

    assert asyncio.run(crowd()) == [Verified(Identity("ann")), *[Wrong()] * 20]


def test_who_finds_no_place_to_wait_is_asked_to_come_back_and_has_not_failed(verifier: Verifier) -> None:
    lanes = Lanes(1)
    authenticator = CachingAuthenticator(verifier, 60, Generations(), lanes)
    free, lanes.others = lanes.others, Lane("full", 1, longest=-1)

    assert [asked(authenticator, RIGHT) for _ in range(FREE_FOR_A_NAME + 1)] == [Unavailable(TRY_AGAIN_AFTER)] * (
        FREE_FOR_A_NAME + 1
    )
    assert verifier.asked == []

    lanes.others = free
    assert asked(authenticator, RIGHT) == Verified(Identity("ann"))
