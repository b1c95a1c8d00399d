from __future__ import annotations

from typing import Any

import pytest

from flowship.auth.cached_store import CachedStore


class Store:
    """A store of users in memory that counts what it is asked."""

    def __init__(self) -> None:
        self.users = {"ann": 1}
        self.asked: list[str] = []
        self.engine = "engine"
        self.meanwhile: Any = None

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
        return [f"grant of {user_id}"]

    def update_user(self, username: str, is_admin: bool) -> None:
        self.users[username] += 1

    def delete_user(self, username: str) -> None:
        del self.users[username]

    def create_role(self, name: str) -> str:
        return name


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def forgotten() -> list[str]:
    return []


@pytest.fixture
def cached(store: Store, clock: Clock, forgotten: list[str]) -> CachedStore:
    return CachedStore(store, 60, forgotten.append, clock)


def test_what_each_request_asks_is_asked_once(cached: CachedStore, store: Store) -> None:
    for _ in range(3):
        assert cached.get_user("ann") == 1
        assert cached.has_user("ann")
        assert cached.list_grants(1, "default", {"run", "experiment"}) == ["grant of 1"]

    assert store.asked == ["get ann", "has ann", "grants 1 default ['experiment', 'run']"]


def test_it_is_asked_again_when_the_time_is_over(cached: CachedStore, store: Store, clock: Clock) -> None:
    cached.get_user("ann")
    clock.now = 59.9
    cached.get_user("ann")
    clock.now = 60.0
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


def test_a_user_who_was_changed_or_deleted_is_told(cached: CachedStore, forgotten: list[str]) -> None:
    cached.update_user(username="ann", is_admin=True)
    cached.delete_user("ann")
    cached.create_role("reader")

    assert forgotten == ["ann", "ann"]


def test_a_change_that_failed_counts_as_one(cached: CachedStore, forgotten: list[str]) -> None:
    cached.get_user("ann")

    with pytest.raises(KeyError):
        cached.delete_user("bob")

    assert forgotten == ["bob"]


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
