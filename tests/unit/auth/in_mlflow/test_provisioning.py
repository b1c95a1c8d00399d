from __future__ import annotations

from dataclasses import dataclass

import pytest

from flowship.auth.authenticator import Identity
from flowship.auth.in_mlflow.provisioning import Provisioning


@dataclass
class User:
    is_admin: bool
    password: str


class Store:
    """MLflow's users in memory; `others` are made by another worker at the last moment."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.others: dict[str, User] = {}
        self.changes = 0

    def has_user(self, username: str) -> bool:
        return username in self.users

    def get_user(self, username: str) -> User:
        return self.users[username]

    def create_user(self, username: str, password: str, is_admin: bool) -> None:
        from mlflow.exceptions import MlflowException

        self.users |= self.others
        if username in self.users or len(password) < 12:
            raise MlflowException("no")
        self.users[username] = User(is_admin, password)

    def update_user(self, username: str, is_admin: bool) -> None:
        self.changes += 1
        self.users[username].is_admin = is_admin


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def users(store: Store) -> Provisioning:
    return Provisioning(lambda: store)


def test_a_user_is_made_at_the_first_log_in_with_a_password_of_its_own(store: Store, users: Provisioning) -> None:
    users.keep(Identity("ann", is_admin=True))
    users.keep(Identity("bob", is_admin=False))

    assert {name: user.is_admin for name, user in store.users.items()} == {"ann": True, "bob": False}
    assert len({user.password for user in store.users.values()}) == 2
    assert store.changes == 0


def test_the_admin_flag_follows_the_group_and_nothing_else_is_changed(store: Store, users: Provisioning) -> None:
    for is_admin in (False, False, True, True, False):
        users.keep(Identity("ann", is_admin=is_admin))

    assert store.users["ann"].is_admin is False
    assert store.changes == 2


def test_where_nobody_says_who_is_an_admin_the_flag_stays(store: Store, users: Provisioning) -> None:
    users.keep(Identity("ann", is_admin=True))
    users.keep(Identity("ann"))

    assert store.users["ann"].is_admin is True
    assert store.changes == 0


def test_one_that_another_worker_makes_meanwhile_is_taken(store: Store, users: Provisioning) -> None:
    store.others["ann"] = User(is_admin=False, password="x")

    users.keep(Identity("ann", is_admin=True))

    assert store.users["ann"] == User(is_admin=True, password="x")


def test_one_that_cannot_be_made_is_an_error(
    store: Store, users: Provisioning, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow.exceptions import MlflowException

    monkeypatch.setattr("flowship.auth.in_mlflow.provisioning.secrets.token_urlsafe", lambda size: "short")

    with pytest.raises(MlflowException):
        users.keep(Identity("ann"))
