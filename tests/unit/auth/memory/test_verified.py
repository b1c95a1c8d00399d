from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from flowship.auth.authenticator import Credentials, Identity
from flowship.auth.generations import Generations
from flowship.auth.memory.verified import VerifiedCredentials

if TYPE_CHECKING:
    from tests.unit.auth.clock import Clock

ANN = Credentials("ann", "open sesame")
IDENTITY = Identity("ann", is_admin=True)


@pytest.fixture
def memory(clock: Clock, generations: Generations) -> VerifiedCredentials:
    return VerifiedCredentials(generations, size=3, clock=clock)


def test_an_entry_ends_with_its_time_however_often_it_is_used(memory: VerifiedCredentials, clock: Clock) -> None:
    memory.put(ANN, IDENTITY, Generations())

    clock.now += 59.9
    assert memory.identity(ANN, 60) == IDENTITY
    clock.now += 0.1
    assert memory.identity(ANN, 60) is None


def test_without_a_time_nothing_is_remembered(generations: Generations) -> None:
    memory = VerifiedCredentials(generations)
    memory.put(ANN, IDENTITY, generations.copy())

    assert memory.identity(ANN, 0) is None
    assert not memory.were_right(ANN, 0)


@pytest.mark.parametrize(
    "other",
    [
        Credentials("ann", "open sesame "),
        Credentials("an", "nopen sesame"),
        Credentials("ann", ""),
        Credentials("", ""),
    ],
)
def test_other_credentials_are_others(memory: VerifiedCredentials, other: Credentials) -> None:
    memory.put(ANN, IDENTITY, Generations())

    assert memory.identity(other, 60) is None


def test_those_used_longest_ago_go_first(memory: VerifiedCredentials) -> None:
    names = ["one", "two", "three"]
    for name in names:
        memory.put(Credentials(name, "x"), Identity(name), Generations())
    memory.identity(Credentials("one", "x"), 60)

    memory.put(Credentials("four", "x"), Identity("four"), Generations())

    known = [name for name in [*names, "four"] if memory.identity(Credentials(name, "x"), 60)]
    assert known == ["one", "three", "four"]


def test_no_password_is_kept_and_digests_differ_between_memories(memory: VerifiedCredentials) -> None:
    other = VerifiedCredentials(Generations())
    for each in (memory, other):
        each.put(ANN, IDENTITY, Generations())

    assert ANN.password.encode() not in pickle.dumps(dict(memory._entries.items()))
    assert set(memory._entries) != set(other._entries)


def test_a_changed_user_is_not_known_any_more_and_others_are(
    memory: VerifiedCredentials, generations: Generations
) -> None:
    bob = Credentials("bob", "x")
    memory.put(ANN, IDENTITY, generations.copy())
    memory.put(bob, Identity("bob"), generations.copy())

    generations.user_changed("ann")

    assert memory.identity(ANN, 60) is None
    assert memory.identity(bob, 60) == Identity("bob")


def test_a_change_counts_for_the_name_in_mlflow_however_it_was_typed(
    memory: VerifiedCredentials, generations: Generations
) -> None:
    typed = Credentials("ann@example.org", "open sesame")
    memory.put(typed, IDENTITY, generations.copy())

    generations.user_changed("ann")

    assert memory.identity(typed, 60) is None


def test_what_was_verified_before_a_change_is_not_remembered_after_it(
    memory: VerifiedCredentials, generations: Generations
) -> None:
    since = generations.copy()
    generations.user_changed("ann")
    memory.put(ANN, IDENTITY, since)

    assert memory.identity(ANN, 60) is None


def test_discarded_credentials_are_not_known(memory: VerifiedCredentials) -> None:
    memory.put(ANN, IDENTITY, Generations())

    memory.discard(ANN)

    assert memory.identity(ANN, 60) is None


def test_one_memory_answers_for_several_times(memory: VerifiedCredentials, clock: Clock) -> None:
    memory.put(ANN, IDENTITY, Generations())

    clock.now += 30

    assert [memory.identity(ANN, within) for within in (30, 31)] == [None, IDENTITY]


def test_who_is_turned_away_does_not_come_in_and_was_right(memory: VerifiedCredentials) -> None:
    memory.put(ANN, IDENTITY, Generations())

    memory.turn_away(ANN)

    assert memory.identity(ANN, 60) is None
    assert memory.were_right(ANN, 60)


def test_credentials_do_not_show_their_password() -> None:
    assert ANN.password not in repr(ANN)
