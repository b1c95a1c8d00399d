from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from flowship.auth.authenticator import (
    Credentials,
    Forbidden,
    Identity,
    Outcome,
    Slowed,
    Unavailable,
    Verified,
    Wrong,
)
from flowship.auth.generations import Generations
from flowship.auth.memory.failures import FREE_FOR_A_NAME
from flowship.auth.methods.ldap.authenticator import DirectoryVerifier, bridging
from flowship.auth.methods.ldap.errors import DirectoryDownError, DirectorySetupError
from flowship.auth.methods.ldap.outage import TRY_AGAIN_AFTER, Outage

if TYPE_CHECKING:
    from flowship.auth.memory.caching import CachingAuthenticator
    from tests.unit.auth.clock import Clock

ANN, ADDRESS = Credentials("ann", "right"), "192.0.2.1"
IDENTITY = Identity("ann", is_admin=True)


class Fake:
    """A directory and MLflow's users, that fail as they are told."""

    def __init__(self) -> None:
        self.asked: list[Credentials] = []
        self.kept: list[Identity] = []
        self.outcome: Outcome = Verified(IDENTITY)
        self.failure: Exception | None = None
        self.store_failure: Exception | None = None

    def verify(self, credentials: Credentials) -> Outcome:
        self.asked.append(credentials)
        if self.failure:
            raise self.failure
        return self.outcome if credentials.password == "right" else Wrong()

    def keep(self, identity: Identity) -> None:
        if self.store_failure:
            raise self.store_failure
        self.kept.append(identity)


@pytest.fixture
def fake() -> Fake:
    return Fake()


def asked(front: CachingAuthenticator, claim: Credentials) -> Outcome:
    return asyncio.run(front.authenticate(claim, ADDRESS))


def authenticator(
    fake: Fake, clock: Clock, ttl: float = 60, grace: float = 900, generations: Generations | None = None
) -> CachingAuthenticator:
    outage = Outage(clock=clock)
    verifier = DirectoryVerifier(fake.verify, fake.keep, outage)
    return bridging(verifier, ttl, grace, outage, generations or Generations())


def test_a_user_is_verified_once_and_kept_in_mlflow(fake: Fake, clock: Clock) -> None:
    front = authenticator(fake, clock)

    assert front.remembered(ANN) is None
    assert [asked(front, ANN) for _ in range(3)] == [Verified(IDENTITY)] * 3
    assert front.remembered(ANN) == IDENTITY
    assert (fake.asked, fake.kept) == ([ANN], [IDENTITY])


def test_a_name_is_the_same_however_it_is_typed(fake: Fake, clock: Clock) -> None:
    front = authenticator(fake, clock)
    asked(front, Credentials(" ANN", "right"))

    assert front.remembered(Credentials("Ann ", "right")) == IDENTITY
    assert fake.asked == [ANN]


@pytest.mark.parametrize("claim", [Credentials("ann", ""), Credentials("", "x"), Credentials("a\nb", "right")])
def test_an_empty_password_and_what_is_no_name_never_reach_the_directory(
    fake: Fake, clock: Clock, claim: Credentials
) -> None:
    front = authenticator(fake, clock)

    assert asked(front, claim) == Wrong()
    assert front.remembered(claim) is None
    assert fake.asked == []


def test_who_is_in_no_group_is_forbidden_and_not_remembered(fake: Fake, clock: Clock) -> None:
    fake.outcome = Forbidden("no")
    front = authenticator(fake, clock)

    assert [asked(front, ANN) for _ in range(2)] == [Forbidden("no")] * 2
    assert fake.kept == []


def test_guesses_are_slowed_down_in_any_spelling(fake: Fake, clock: Clock) -> None:
    front = authenticator(fake, clock)

    for spelling in ("ann", "Ann", "aNn", "anN", "ANN")[:FREE_FOR_A_NAME]:
        assert asked(front, Credentials(spelling, "guess")) == Wrong()

    assert asked(front, Credentials("ann ", "guess")) == Slowed(1)


class TestWhileTheDirectoryIsDown:
    def test_users_from_before_go_on_and_others_are_asked_to_come_back(self, fake: Fake, clock: Clock) -> None:
        front = authenticator(fake, clock, ttl=0)
        asked(front, ANN)
        fake.failure = DirectoryDownError("gone")

        assert asked(front, ANN) == Verified(IDENTITY)
        assert asked(front, Credentials("bob", "right")) == Unavailable(TRY_AGAIN_AFTER)
        assert asked(front, Credentials("ann", "other")) == Unavailable(TRY_AGAIN_AFTER)

    def test_it_is_asked_by_one_request_at_a_time_and_then_on_the_event_loop(self, fake: Fake, clock: Clock) -> None:
        front = authenticator(fake, clock, ttl=0)
        asked(front, ANN)
        fake.failure = DirectoryDownError("gone")
        for _ in range(3):
            asked(front, ANN)

        assert len(fake.asked) == 2
        assert front.remembered(ANN) == IDENTITY
        clock.now += TRY_AGAIN_AFTER
        assert front.remembered(ANN) is None  # so that this request asks again
        asked(front, ANN)
        assert len(fake.asked) == 3

    def test_nobody_goes_on_without_a_grace(self, fake: Fake, clock: Clock) -> None:
        front = authenticator(fake, clock, ttl=0, grace=0)
        asked(front, ANN)
        fake.failure = DirectoryDownError("gone")

        assert asked(front, ANN) == Unavailable(TRY_AGAIN_AFTER)

    def test_asking_costs_nobody_a_failure(self, fake: Fake, clock: Clock) -> None:
        fake.failure = DirectoryDownError("gone")
        front = authenticator(fake, clock)
        for _ in range(FREE_FOR_A_NAME * 2):
            asked(front, ANN)
        fake.failure = None
        clock.now += TRY_AGAIN_AFTER

        assert asked(front, ANN) == Verified(IDENTITY)


@pytest.mark.parametrize("outcome", [Wrong(), Forbidden("no")])
def test_what_the_directory_takes_back_is_no_grace_any_more(fake: Fake, clock: Clock, outcome: Outcome) -> None:
    front = authenticator(fake, clock, ttl=0)
    asked(front, ANN)
    fake.outcome = outcome
    assert asked(front, ANN) == outcome

    fake.failure = DirectoryDownError("gone")

    assert asked(front, ANN) == Unavailable(TRY_AGAIN_AFTER)


def test_values_that_are_wrong_for_one_user_are_no_outage(
    fake: Fake, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    fake.failure = DirectorySetupError("the entry has no mail")
    front = authenticator(fake, clock)

    assert [asked(front, ANN) for _ in range(2)] == [Unavailable(TRY_AGAIN_AFTER)] * 2
    assert len(fake.asked) == 2
    assert [record.message for record in caplog.records] == ["a user cannot be verified: the entry has no mail"]


def test_a_database_that_is_down_is_told_and_nothing_remembered(
    fake: Fake, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    from mlflow.exceptions import MlflowException

    fake.store_failure = MlflowException("password=secret")
    front = authenticator(fake, clock)

    assert asked(front, ANN) == Unavailable(TRY_AGAIN_AFTER)
    assert front.remembered(ANN) is None
    assert "database of permissions failed" in caplog.text
    assert "secret" not in caplog.text


def test_a_changed_user_is_asked_for_again(fake: Fake, clock: Clock) -> None:
    generations = Generations()
    front = authenticator(fake, clock, generations=generations)
    asked(front, ANN)

    generations.user_changed("ann")

    assert front.remembered(ANN) is None


def test_who_was_deleted_goes_on_no_longer_while_the_directory_is_down(fake: Fake, clock: Clock) -> None:
    generations = Generations()
    front = authenticator(fake, clock, generations=generations)
    asked(front, ANN)
    fake.failure = DirectoryDownError("gone")

    generations.user_changed("ann")

    assert asked(front, ANN) == Unavailable(TRY_AGAIN_AFTER)


def test_a_mistake_of_ours_does_not_keep_the_directory_from_being_asked(fake: Fake, clock: Clock) -> None:
    front = authenticator(fake, clock)
    fake.failure = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        asked(front, ANN)
    fake.failure = None
    clock.now += TRY_AGAIN_AFTER

    assert asked(front, ANN) == Verified(IDENTITY)
