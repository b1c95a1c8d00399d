from __future__ import annotations

import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from flowship.auth.authenticator import Credentials, Forbidden, Identity, Outcome, Unavailable, Verified, Wrong
from flowship.auth.cache import CredentialCache
from tests.unit.auth.clock import Clock

ANN = Credentials("ann", "open sesame")
IDENTITY = Identity("ann", is_admin=True)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> CredentialCache:
    return CredentialCache(ttl=60, size=3, clock=clock)


class Verifier:
    """Verifies as it is told, and counts."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome, self.calls = outcome, 0

    def __call__(self) -> Outcome:
        self.calls += 1
        return self.outcome


def test_right_credentials_are_verified_once_within_the_time(cache: CredentialCache, clock: Clock) -> None:
    verify = Verifier(Verified(IDENTITY))

    for _ in range(4):
        assert cache.verified(ANN, verify) == Verified(IDENTITY)
        clock.now += 29

    assert verify.calls == 2
    assert cache.get(ANN) == IDENTITY


def test_an_entry_ends_with_its_time_however_often_it_is_used(cache: CredentialCache, clock: Clock) -> None:
    cache.put(ANN, IDENTITY)

    clock.now += 59.9
    assert cache.get(ANN) == IDENTITY
    clock.now += 0.1
    assert cache.get(ANN) is None


@pytest.mark.parametrize("outcome", [Wrong(), Forbidden("no"), Unavailable(5)])
def test_only_success_is_remembered(cache: CredentialCache, outcome: Outcome) -> None:
    verify = Verifier(outcome)

    assert [cache.verified(ANN, verify) for _ in range(2)] == [outcome] * 2
    assert verify.calls == 2


def test_without_a_time_nothing_is_remembered() -> None:
    cache, verify = CredentialCache(ttl=0), Verifier(Verified(IDENTITY))

    assert [cache.verified(ANN, verify) for _ in range(2)] == [Verified(IDENTITY)] * 2
    assert verify.calls == 2


@pytest.mark.parametrize(
    "other",
    [
        Credentials("ann", "open sesame "),
        Credentials("an", "nopen sesame"),
        Credentials("ann", ""),
        Credentials("", ""),
    ],
)
def test_other_credentials_are_others(cache: CredentialCache, other: Credentials) -> None:
    cache.put(ANN, IDENTITY)

    assert cache.get(other) is None


def test_those_used_longest_ago_go_first(cache: CredentialCache) -> None:
    names = ["one", "two", "three"]
    for name in names:
        cache.put(Credentials(name, "x"), Identity(name))
    cache.get(Credentials("one", "x"))

    cache.put(Credentials("four", "x"), Identity("four"))

    known = [name for name in [*names, "four"] if cache.get(Credentials(name, "x"))]
    assert known == ["one", "three", "four"]


def test_no_password_is_kept_and_digests_differ_between_caches(cache: CredentialCache) -> None:
    other = CredentialCache(ttl=60)
    for each in (cache, other):
        each.put(ANN, IDENTITY)

    assert ANN.password.encode() not in pickle.dumps(dict(cache._entries))
    assert cache._entries.keys() != other._entries.keys()


def test_concurrent_first_requests_cause_one_verification(cache: CredentialCache) -> None:
    begun, go = threading.Event(), threading.Event()
    calls: list[int] = []

    def verify() -> Outcome:
        calls.append(1)
        begun.set()
        assert go.wait(10)
        return Verified(IDENTITY)

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(cache.verified, ANN, verify)
        assert begun.wait(10)
        others = [pool.submit(cache.verified, ANN, verify) for _ in range(7)]
        go.set()
        outcomes = [each.result(10) for each in (first, *others)]

    assert outcomes == [Verified(IDENTITY)] * 8
    assert calls == [1]


def test_what_goes_wrong_is_raised_to_all_who_wait_and_the_next_one_tries_again(cache: CredentialCache) -> None:
    def fail() -> Outcome:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        cache.verified(ANN, fail)

    assert cache.verified(ANN, Verifier(Verified(IDENTITY))) == Verified(IDENTITY)


def test_a_forgotten_user_is_verified_again_and_others_are_not(cache: CredentialCache) -> None:
    bob = Credentials("bob", "x")
    cache.put(ANN, IDENTITY)
    cache.put(bob, Identity("bob"))

    cache.forget("ann")

    assert cache.get(ANN) is None
    assert cache.get(bob) == Identity("bob")


@pytest.mark.parametrize("everybody", [True, False])
def test_a_verification_that_began_before_forgetting_is_not_remembered(cache: CredentialCache, everybody: bool) -> None:
    def verify() -> Outcome:
        cache.forget_all() if everybody else cache.forget("ann")
        return Verified(IDENTITY)

    assert cache.verified(ANN, verify) == Verified(IDENTITY)
    assert cache.get(ANN) is None


def test_who_asks_after_forgetting_does_not_wait_for_what_began_before(cache: CredentialCache) -> None:
    second = Verifier(Wrong())

    def first() -> Outcome:
        cache.forget("ann")
        assert cache.verified(ANN, second) == Wrong()
        return Verified(IDENTITY)

    assert cache.verified(ANN, first) == Verified(IDENTITY)
    assert second.calls == 1


def test_discarded_credentials_are_not_known(cache: CredentialCache) -> None:
    cache.put(ANN, IDENTITY)

    cache.discard(ANN)

    assert cache.get(ANN) is None


def test_credentials_do_not_show_their_password() -> None:
    assert ANN.password not in repr(ANN)
