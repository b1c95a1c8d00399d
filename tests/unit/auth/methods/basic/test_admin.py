from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from flowship.auth.methods.basic import admin
from flowship.database.engine import open_engine
from flowship.database.url import sqlite_url

FIRST, SECOND, OWN = "first password", "second password", "chosen in the UI"


class Users:
    """A store of users in memory, with the four methods that MLflow's has."""

    def __init__(self) -> None:
        self.passwords: dict[str, str] = {}
        self.admins: set[str] = set()

    def has_user(self, username: str) -> bool:
        return username in self.passwords

    def create_user(self, username: str, password: str, is_admin: bool = False) -> None:
        self.passwords[username] = password
        self.update_user(username, is_admin=is_admin)

    def update_user(self, username: str, password: str | None = None, is_admin: bool | None = None) -> None:
        if password is not None:
            self.passwords[username] = password
        if is_admin:
            self.admins.add(username)

    def authenticate_user(self, username: str, password: str) -> bool:
        return self.passwords.get(username) == password


@pytest.fixture
def users() -> Users:
    return Users()


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_engine(sqlite_url(tmp_path / "auth.db"))


def apply(users: Users, engine: Engine, password: str, name: str = "admin") -> list[str]:
    said: list[str] = []
    admin.apply(users, engine, name, password, said.append)
    return said


def test_the_first_start_makes_the_admin(users: Users, engine: Engine) -> None:
    assert apply(users, engine, FIRST) == ["made the admin admin"]
    assert users.passwords == {"admin": FIRST}
    assert users.admins == {"admin"}


def test_a_start_with_the_same_values_does_nothing(users: Users, engine: Engine) -> None:
    apply(users, engine, FIRST)

    assert apply(users, engine, FIRST) == []


def test_a_password_changed_in_the_values_is_changed_and_said(users: Users, engine: Engine) -> None:
    apply(users, engine, FIRST)

    assert apply(users, engine, SECOND) == ["changed the password of the admin admin, as auth.adminPassword did"]
    assert users.passwords == {"admin": SECOND}


def test_a_password_changed_in_the_ui_survives_restarts(users: Users, engine: Engine) -> None:
    apply(users, engine, FIRST)
    users.update_user("admin", password=OWN)

    assert apply(users, engine, FIRST) == []
    assert users.passwords == {"admin": OWN}


def test_a_password_changed_in_both_places_is_the_values(users: Users, engine: Engine) -> None:
    apply(users, engine, FIRST)
    users.update_user("admin", password=OWN)

    apply(users, engine, SECOND)

    assert users.passwords == {"admin": SECOND}


def test_an_admin_of_an_older_flowship_or_chart_keeps_another_password(users: Users, engine: Engine) -> None:
    users.create_user("admin", OWN, is_admin=True)

    (said,) = apply(users, engine, FIRST)

    assert "another password than auth.adminPassword, which was left alone" in said
    assert users.passwords == {"admin": OWN}


def test_a_deleted_admin_is_made_again(users: Users, engine: Engine) -> None:
    apply(users, engine, FIRST)
    del users.passwords["admin"]

    assert apply(users, engine, FIRST) == ["made the admin admin"]


def test_another_name_is_another_admin(users: Users, engine: Engine) -> None:
    apply(users, engine, FIRST)

    assert apply(users, engine, SECOND, name="root") == ["made the admin root"]
    assert users.passwords == {"admin": FIRST, "root": SECOND}


def test_a_plain_user_whom_the_values_name_becomes_an_admin(users: Users, engine: Engine) -> None:
    users.create_user("admin", FIRST)

    assert apply(users, engine, FIRST) == ["the admin is admin"]
    assert users.admins == {"admin"}


def test_what_is_kept_is_no_password(users: Users, engine: Engine) -> None:
    apply(users, engine, FIRST)

    with engine.connect() as connection:
        rows = connection.execute(text("SELECT name, value FROM flowship_settings")).all()

    assert len(rows) == 1
    assert FIRST not in str(rows)


def test_digests_of_one_password_differ_by_their_salt() -> None:
    one, other = admin.digest(FIRST, b"1" * 16), admin.digest(FIRST, b"2" * 16)

    assert one != other
    assert admin.is_digest_of(FIRST, one)
    assert not admin.is_digest_of(SECOND, one)


@pytest.mark.parametrize(
    ("exists", "password", "applied"), [(True, FIRST, True), (True, SECOND, False), (False, FIRST, False)]
)
def test_mlflow_need_not_be_asked_when_the_admin_is_there_and_the_values_are_the_same(
    users: Users, engine: Engine, exists: bool, password: str, applied: bool
) -> None:
    apply(users, engine, FIRST)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE users (username TEXT)"))
        if exists:
            connection.execute(text("INSERT INTO users VALUES ('admin')"))

    assert admin.is_applied(engine, "admin", password) is applied
