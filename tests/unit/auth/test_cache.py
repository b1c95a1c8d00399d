from __future__ import annotations

import pickle

import pytest

from flowship.auth.authenticator import Credentials, Identity
from flowship.auth.cache import CredentialCache
from flowship.auth.generations import Generations
from tests.unit.auth.clock import Clock

ANN = Credentials("ann", "open sesame")
IDENTITY = Identity("ann", is_admin=True)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def generations() -> Generations:
    return Generations()


@pytest.fixture
def cache(clock: Clock, generations: Generations) -> CredentialCache:
    return CredentialCache(60, generations, size=3, clock=clock)


def test_an_entry_ends_with_its_time_however_often_it_is_used(cache: CredentialCache, clock: Clock) -> None:
    cache.put(ANN, IDENTITY, Generations())

    clock.now += 59.9
    assert cache.get(ANN) == IDENTITY
    clock.now += 0.1
    assert cache.get(ANN) is None


def test_without_a_time_nothing_is_remembered(generations: Generations) -> None:
    cache = CredentialCache(0, generations)
    cache.put(ANN, IDENTITY, generations.copy())

    assert cache.get(ANN) is None


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
    cache.put(ANN, IDENTITY, Generations())

    assert cache.get(other) is None


def test_those_used_longest_ago_go_first(cache: CredentialCache) -> None:
    names = ["one", "two", "three"]
    for name in names:
        cache.put(Credentials(name, "x"), Identity(name), Generations())
    cache.get(Credentials("one", "x"))

    cache.put(Credentials("four", "x"), Identity("four"), Generations())

    known = [name for name in [*names, "four"] if cache.get(Credentials(name, "x"))]
    assert known == ["one", "three", "four"]


def test_no_password_is_kept_and_digests_differ_between_caches(cache: CredentialCache) -> None:
    other = CredentialCache(60, Generations())
    for each in (cache, other):
        each.put(ANN, IDENTITY, Generations())

    assert ANN.password.encode() not in pickle.dumps(dict(cache._entries.items()))
    assert set(cache._entries) != set(other._entries)


def test_a_changed_user_is_not_known_any_more_and_others_are(cache: CredentialCache, generations: Generations) -> None:
    bob = Credentials("bob", "x")
    cache.put(ANN, IDENTITY, generations.copy())
    cache.put(bob, Identity("bob"), generations.copy())

    generations.user_changed("ann")

    assert cache.get(ANN) is None
    assert cache.get(bob) == Identity("bob")


def test_a_change_counts_for_the_name_in_mlflow_however_it_was_typed(
    cache: CredentialCache, generations: Generations
) -> None:
    typed = Credentials("ann@example.org", "open sesame")
    cache.put(typed, IDENTITY, generations.copy())

    generations.user_changed("ann")

    assert cache.get(typed) is None


def test_what_was_verified_before_a_change_is_not_remembered_after_it(
    cache: CredentialCache, generations: Generations
) -> None:
    since = generations.copy()
    generations.user_changed("ann")
    cache.put(ANN, IDENTITY, since)

    assert cache.get(ANN) is None


def test_discarded_credentials_are_not_known(cache: CredentialCache) -> None:
    cache.put(ANN, IDENTITY, Generations())

    cache.discard(ANN)

    assert cache.get(ANN) is None


def test_credentials_do_not_show_their_password() -> None:
    assert ANN.password not in repr(ANN)
