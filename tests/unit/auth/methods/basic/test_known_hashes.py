from __future__ import annotations

import pytest

from flowship.auth.methods.basic.known_hashes import KnownHashes


class Users:
    """Users with passwords and hashes; it counts what it was asked that takes long."""

    def __init__(self) -> None:
        self.passwords = {"ann": "open sesame!", "bob": "other"}
        self.hashes: dict[str, str | None] = {"ann": "scrypt:1", "bob": "scrypt:2"}
        self.asked = 0

    def is_password_of(self, username: str, password: str) -> bool:
        self.asked += 1
        return self.passwords.get(username) == password


@pytest.fixture
def users() -> Users:
    return Users()


@pytest.fixture
def known(users: Users) -> KnownHashes:
    return KnownHashes(users.is_password_of, users.hashes.get, size=2)


def test_a_right_password_is_found_out_once(users: Users, known: KnownHashes) -> None:
    assert [known.is_password_of("ann", "open sesame!") for _ in range(3)] == [True] * 3
    assert users.asked == 1


def test_a_wrong_password_is_found_out_each_time(users: Users, known: KnownHashes) -> None:
    assert known.is_password_of("ann", "open sesame!")
    assert [known.is_password_of("ann", "other") for _ in range(2)] == [False] * 2
    assert not known.is_password_of("bob", "open sesame!")
    assert users.asked == 4


def test_a_password_that_was_changed_is_not_known_any_more(users: Users, known: KnownHashes) -> None:
    assert known.is_password_of("ann", "open sesame!")
    users.passwords["ann"], users.hashes["ann"] = "new", "scrypt:3"

    assert not known.is_password_of("ann", "open sesame!")
    assert known.is_password_of("ann", "new")


def test_who_is_gone_has_no_password(users: Users, known: KnownHashes) -> None:
    assert known.is_password_of("ann", "open sesame!")
    del users.passwords["ann"], users.hashes["ann"]

    assert not known.is_password_of("ann", "open sesame!")
    assert users.asked == 2


def test_a_password_that_is_changed_while_it_is_verified_is_verified_again(users: Users) -> None:
    def changing(username: str, password: str) -> bool:
        users.hashes["ann"] = f"scrypt:{users.asked + 7}"
        return users.is_password_of(username, password)

    known = KnownHashes(changing, users.hashes.get)

    assert known.is_password_of("ann", "open sesame!")
    assert known.is_password_of("ann", "open sesame!")
    assert users.asked == 2


def test_those_used_longest_ago_go_first(users: Users, known: KnownHashes) -> None:
    users.passwords["eve"], users.hashes["eve"] = "third", "scrypt:4"
    for username in ("ann", "bob", "ann", "eve"):
        assert known.is_password_of(username, users.passwords[username])

    assert known.is_password_of("ann", "open sesame!")
    assert users.asked == 3
    assert known.is_password_of("bob", "other")
    assert users.asked == 4


def test_neither_password_nor_hash_is_kept(known: KnownHashes) -> None:
    assert known.is_password_of("ann", "open sesame!")

    assert "sesame" not in str(vars(known))
    assert "scrypt" not in str(vars(known)["_right"])
