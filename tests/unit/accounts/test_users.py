"""What is done with users, and what is refused, in which words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.accounts import users
from flowship.auth import disabled
from flowship.errors import AccountsError
from tests.unit.accounts.memory import AccountsInMemory

if TYPE_CHECKING:
    from collections.abc import Callable

LAST = "'root' is the last admin who can sign in. Make another one first: flowship users admin NAME"


def refusal(work: Callable[[], object]) -> str:
    with pytest.raises(AccountsError) as refused:
        work()
    return str(refused.value)


def test_a_user_is_made_once() -> None:
    accounts = AccountsInMemory()

    assert users.add(accounts, "ada", "a long password", is_admin=False).is_admin is False
    assert users.add(accounts, "eve", "a long password", is_admin=True).is_admin is True
    assert accounts.passwords == {"ada": "a long password", "eve": "a long password"}
    assert refusal(lambda: users.add(accounts, "ada", "another password", is_admin=False)) == (
        "There is a user 'ada' already. For a new password: flowship users set-password ada"
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("adda", "There is no user 'adda'. Did you mean 'ada'?"),
        ("ADA", "There is no user 'ADA'. Did you mean 'ada'?"),
        ("xyz", "There is no user 'xyz'. `flowship users list` names them all."),
    ],
)
def test_a_name_that_nobody_has_is_told_with_the_nearest(name: str, sentence: str) -> None:
    accounts = AccountsInMemory("ada")

    for work in (users.require, users.delete, users.disable, users.enable):
        assert refusal(lambda work=work: work(accounts, name)) == sentence  # type: ignore[misc]
    assert refusal(lambda: users.set_admin(accounts, name, is_admin=True)) == sentence
    assert refusal(lambda: users.set_admin(accounts, name, is_admin=False)) == sentence


def test_the_last_admin_who_can_sign_in_stays() -> None:
    accounts = AccountsInMemory("ada")

    for work in (
        lambda: users.delete(accounts, "root"),
        lambda: users.disable(accounts, "root"),
        lambda: users.set_admin(accounts, "root", is_admin=False),
    ):
        assert refusal(work) == LAST
    users.set_admin(accounts, "ada", is_admin=True)
    users.disable(accounts, "ada")
    assert refusal(lambda: users.delete(accounts, "root")) == LAST
    users.enable(accounts, "ada")
    users.delete(accounts, "root")
    assert [user.name for user in accounts.users()] == ["ada"]


def test_a_disabled_user_keeps_everything_and_is_enabled_again() -> None:
    accounts = AccountsInMemory("ada", admins=("root", "eve"))
    accounts.grant_to_user(accounts.users()[2], "experiment", "1", "EDIT")

    for name in ("ada", "eve"):
        assert users.disable(accounts, name).is_disabled
        assert users.disable(accounts, name).is_disabled, "twice is no error"
    (role,) = [role for role in accounts.roles() if role.disables]
    assert (role.name, role.workspace, role.grants) == (disabled.ROLE, "default", ())
    ada = users.named(accounts.users(), "ada")
    assert [grant.on for grant in ada.grants] == ["experiment:1"]
    assert ada.roles == ()

    for name in ("ada", "eve"):
        assert not users.enable(accounts, name).is_disabled
        assert not users.enable(accounts, name).is_disabled
    assert users.named(accounts.users(), "eve").is_admin


def test_nobody_is_disabled_where_that_would_do_nothing() -> None:
    accounts = AccountsInMemory("ada", flowship=False)

    assert refusal(lambda: users.disable(accounts, "ada")) == "not Flowship"
    assert not users.named(accounts.users(), "ada").is_disabled


def test_a_role_of_that_name_in_another_workspace_disables_nobody() -> None:
    accounts = AccountsInMemory("ada")
    accounts.assign(accounts.users()[1], accounts.add_role(disabled.ROLE, "other", ""))

    assert not users.named(accounts.users(), "ada").is_disabled


def test_who_is_no_admin_may_change_the_own_password_without_a_look_at_others() -> None:
    accounts = AccountsInMemory(own="ada")

    users.require(accounts, "ada")
