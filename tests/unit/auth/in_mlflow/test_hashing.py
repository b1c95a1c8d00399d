from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from flowship.auth.in_mlflow.hashing import AT_ONCE, HashingStore


class Store:
    """A store of users that notes what happens, and how many hashes are made at once."""

    engine = "engine"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.running = self.most = 0
        self.wanted = 1
        """How many hashes at once each of them waits for."""
        self.changed = threading.Condition()

    def slow(self, *_: Any, **__: Any) -> None:
        with self.changed:
            self.running += 1
            self.most = max(self.most, self.running)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.most >= self.wanted, 20)
        threading.Event().wait(0.01)
        with self.changed:
            self.running -= 1

    def authenticate_user(self, username: str, password: str, **how: Any) -> bool:
        self.asked.append(f"authenticate {username}")
        if username == "ann":
            self.slow()
        return (username, password) == ("ann", "right")

    def has_user(self, username: str, **how: Any) -> bool:
        self.asked.append(f"has {username}")
        return username == "ann"

    create_user = update_user = slow

    def hash_in_vain(self, password: str) -> None:
        self.asked.append("in vain")
        self.slow()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def hashing(store: Store) -> HashingStore:
    return HashingStore(store, store.hash_in_vain)


def test_a_right_password_is_asked_for_once(hashing: HashingStore, store: Store) -> None:
    assert hashing.authenticate_user("ann", "right") is True
    assert store.asked == ["authenticate ann"]


def test_a_name_that_nobody_has_costs_as_many_questions_and_hashes_as_a_wrong_password(
    hashing: HashingStore, store: Store
) -> None:
    assert hashing.authenticate_user("ann", "wrong") is False
    assert hashing.authenticate_user("eve", "wrong") is False

    assert store.asked == ["authenticate ann", "has ann", "authenticate eve", "has eve", "in vain"]


def test_no_more_hashes_are_made_at_once(hashing: HashingStore, store: Store) -> None:
    store.wanted = AT_ONCE
    with ThreadPoolExecutor(12) as pool:
        for each in (
            lambda: hashing.authenticate_user("ann", "wrong"),
            lambda: hashing.authenticate_user("eve", "wrong"),
            lambda: hashing.create_user("bob", "his password"),
            lambda: hashing.update_user("bob", password="another one"),
        ) * 4:
            pool.submit(each)

    assert store.most == AT_ONCE


def test_a_failure_gives_the_turn_back(hashing: HashingStore, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OSError("gone")

    monkeypatch.setattr(store, "create_user", fail)
    for _ in range(AT_ONCE + 1):
        with pytest.raises(OSError, match="gone"):
            hashing.create_user("bob", "his password")

    assert hashing.authenticate_user("ann", "right")


def test_all_else_is_the_stores(hashing: HashingStore) -> None:
    assert hashing.engine == "engine"
