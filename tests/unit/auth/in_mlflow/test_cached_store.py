from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from flowship.auth.in_mlflow.answers import asking_the_database
from flowship.auth.in_mlflow.cached_store import CachedStore

if TYPE_CHECKING:
    from flowship.auth.generations import Generations
    from tests.unit.auth.clock import Clock

READS = frozenset({"authenticate_user"})


class Store:
    """A store of users in memory that counts what it is asked."""

    def __init__(self) -> None:
        self.users = {"ann": 1}
        self.asked: list[str] = []
        self.engine = "engine"
        self.meanwhile: Any = None
        self.grants = ["grant of 1"]

    def get_user(self, username: str) -> int:
        self.asked.append(f"get {username}")
        found = self.users[username]
        if self.meanwhile:
            self.meanwhile()
        return found

    def has_user(self, username: str, *, use_primary: bool = False) -> bool:
        self.asked.append(f"has {username}{' at the primary' if use_primary else ''}")
        return username in self.users

    def list_grants(self, user_id: int, workspace: str, resource_types: frozenset[str]) -> list[str]:
        self.asked.append(f"grants {user_id} {workspace} {sorted(resource_types)}")
        return list(self.grants)

    def authenticate_user(self, username: str, password: str) -> bool:
        return False

    def update_user(self, username: str, is_admin: bool) -> None:
        self.users[username] += 1

    def delete_user(self, username: str) -> None:
        del self.users[username]

    def create_role(self, name: str) -> str:
        return name

    def list_users(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(id=number, username=name) for name, number in self.users.items()]

    def assign_role_to_user(self, user_id: int, role_id: int) -> str:
        return f"{role_id} to {user_id}"


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def cached(store: Store, clock: Clock, generations: Generations) -> CachedStore:
    return CachedStore(store, 60, generations, READS, clock)


@pytest.fixture
def other(store: Store, clock: Clock, generations: Generations) -> CachedStore:
    """Another worker's memory of the same store."""
    return CachedStore(store, 60, generations, READS, clock)


def test_what_each_request_asks_is_asked_once(cached: CachedStore, store: Store) -> None:
    for _ in range(3):
        assert cached.get_user("ann") == 1
        assert cached.has_user("ann")
        assert cached.list_grants(1, "default", {"run", "experiment"}) == ["grant of 1"]

    assert store.asked == ["get ann", "has ann", "grants 1 default ['experiment', 'run']"]


def test_it_is_asked_again_when_the_time_is_over(cached: CachedStore, store: Store, clock: Clock) -> None:
    began = clock.now
    cached.get_user("ann")
    clock.now = began + 59.9
    cached.get_user("ann")
    clock.now = began + 60.0
    cached.get_user("ann")

    assert store.asked == ["get ann", "get ann"]


def test_a_change_here_takes_effect_at_once(cached: CachedStore, store: Store) -> None:
    assert cached.get_user("ann") == 1

    cached.update_user("ann", is_admin=True)

    assert cached.get_user("ann") == 2


def test_a_change_of_a_role_makes_permissions_be_asked_again(cached: CachedStore, store: Store) -> None:
    cached.list_grants(1, "default", {"run"})

    assert cached.create_role("reader") == "reader"
    cached.list_grants(1, "default", {"run"})

    assert len(store.asked) == 2


def test_a_change_in_another_worker_takes_effect_at_once(cached: CachedStore, other: CachedStore) -> None:
    assert cached.get_user("ann") == 1

    other.update_user("ann", is_admin=True)

    assert cached.get_user("ann") == 2


def test_an_id_that_a_new_user_gets_again_has_none_of_the_grants_from_before(
    cached: CachedStore, other: CachedStore, store: Store
) -> None:
    assert cached.list_grants(cached.get_user("ann"), "default", {"run"}) == ["grant of 1"]
    other.delete_user("ann")
    store.users["bob"], store.grants = 1, []

    assert cached.list_grants(cached.get_user("bob"), "default", {"run"}) == []


def test_only_who_is_changed_or_deleted_must_be_verified_again(cached: CachedStore, generations: Generations) -> None:
    numbers = [generations.of("ann")]
    cached.create_role("reader")
    numbers.append(generations.of("ann"))
    cached.update_user(username="ann", is_admin=True)
    numbers.append(generations.of("ann"))
    cached.delete_user("ann")
    numbers.append(generations.of("ann"))

    assert numbers[0] == numbers[1]
    assert len(set(numbers)) == 3


def test_who_gets_a_role_must_be_verified_again_because_it_may_keep_the_user_out(
    cached: CachedStore, store: Store, generations: Generations
) -> None:
    store.users["bob"] = 2
    before = generations.of("ann"), generations.of("bob")

    assert cached.assign_role_to_user(2, 7) == "7 to 2"
    assert (generations.of("ann"), generations.of("bob") != before[1]) == (before[0], True)

    cached.assign_role_to_user(user_id=1, role_id=7)
    assert generations.of("ann") != before[0]


def test_a_change_that_failed_counts_as_one(cached: CachedStore, generations: Generations) -> None:
    before = generations.store, generations.of("bob")

    with pytest.raises(KeyError):
        cached.delete_user("bob")

    assert generations.store != before[0]
    assert generations.of("bob") != before[1]


def test_a_read_is_no_change(cached: CachedStore, store: Store) -> None:
    cached.get_user("ann")
    assert cached.authenticate_user("ann", "wrong") is False
    cached.get_user("ann")

    assert store.asked == ["get ann"]


def test_who_asks_the_database_gets_its_answer_and_others_afterwards_too(cached: CachedStore, store: Store) -> None:
    cached.get_user("ann")
    store.users["ann"] = 7  # by another server
    assert cached.get_user("ann") == 1

    with asking_the_database():
        assert cached.get_user("ann") == 7

    assert cached.get_user("ann") == 7
    assert len(store.asked) == 2


def test_an_answer_from_before_a_change_is_not_remembered_after_it(cached: CachedStore, store: Store) -> None:
    store.meanwhile = lambda: cached.update_user("ann", is_admin=True)
    assert cached.get_user("ann") == 1
    store.meanwhile = None

    assert cached.get_user("ann") == 2


def test_that_there_is_no_user_is_not_remembered(cached: CachedStore, store: Store) -> None:
    assert not cached.has_user("bob")
    with pytest.raises(KeyError):
        cached.get_user("bob")
    store.users["bob"] = 5

    assert cached.has_user("bob")
    assert cached.get_user("bob") == 5


def test_a_question_to_the_primary_database_is_always_asked(cached: CachedStore, store: Store) -> None:
    cached.has_user("ann", use_primary=True)
    cached.has_user("ann", use_primary=True)

    assert store.asked == ["has ann at the primary"] * 2


def test_whoever_changes_an_answer_changes_only_a_copy(cached: CachedStore) -> None:
    cached.list_grants(1, "default", {"run"}).clear()

    assert cached.list_grants(1, "default", {"run"}) == ["grant of 1"]


def test_attributes_are_the_stores(cached: CachedStore) -> None:
    assert cached.engine == "engine"
