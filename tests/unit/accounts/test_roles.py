"""What is done with roles and grants, and what is refused, in which words."""

from __future__ import annotations

import pytest

from flowship.accounts import grants, roles, users
from flowship.accounts.permissions import Resource
from tests.unit.accounts.memory import AccountsInMemory
from tests.unit.accounts.test_users import refusal

HERE = "default"
ONE, TWO = Resource("experiment", "1"), Resource("experiment", "2")
RESERVED = (
    "flowship-disabled: is the role of those who cannot sign in. Write flowship users disable NAME, or enable, which "
    "keep it."
)


@pytest.fixture
def accounts() -> AccountsInMemory:
    found = AccountsInMemory("ada", "bob")
    roles.add(found, "readers", HERE, "who reads")
    users.disable(found, "bob")
    return found


def test_roles_are_those_that_people_made(accounts: AccountsInMemory) -> None:
    grants.to_user(accounts, "ada", "READ", ONE)

    assert [role.name for role in roles.given(accounts)] == ["readers"]
    assert refusal(lambda: roles.add(accounts, "readers", HERE, "")) == (
        "There is a role 'readers' already. Grant it something: flowship grant ... --role readers"
    )
    assert roles.add(accounts, "readers", "other", "").workspace == "other"


def test_a_role_is_assigned_and_taken_away(accounts: AccountsInMemory) -> None:
    for _ in range(2):
        assert [role.name for role in roles.assign(accounts, "readers", HERE, "ada").roles] == ["readers"]
    assert roles.holders(accounts.users(), roles.named(accounts, "readers", HERE)) == ["ada"]

    assert roles.unassign(accounts, "readers", HERE, "ada").roles == ()
    assert refusal(lambda: roles.unassign(accounts, "readers", HERE, "ada")) == (
        "'ada' has not the role 'readers', but none."
    )


def test_names_that_are_not_there_are_told_with_the_nearest(accounts: AccountsInMemory) -> None:
    assert refusal(lambda: roles.assign(accounts, "reader", HERE, "ada")) == (
        "There is no role 'reader'. Did you mean 'readers'?"
    )
    assert refusal(lambda: roles.assign(accounts, "readers", "other", "ada")) == (
        "In the workspace 'other' there is no role 'readers'. `flowship roles add` makes one."
    )
    assert refusal(lambda: roles.assign(accounts, "readers", HERE, "adda")) == (
        "There is no user 'adda'. Did you mean 'ada'?"
    )


def test_the_role_of_the_disabled_is_not_for_these_commands(accounts: AccountsInMemory) -> None:
    for work in (
        lambda: roles.add(accounts, "flowship-disabled", HERE, ""),
        lambda: roles.named(accounts, "flowship-disabled", HERE),
        lambda: roles.assign(accounts, "flowship-disabled", HERE, "ada"),
        lambda: roles.unassign(accounts, "flowship-disabled", HERE, "bob"),
        lambda: grants.to_role(accounts, "flowship-disabled", HERE, "READ", ONE),
    ):
        assert refusal(work) == RESERVED


def test_a_grant_takes_the_place_of_the_one_before(accounts: AccountsInMemory) -> None:
    grants.to_user(accounts, "ada", "READ", ONE)
    grants.to_user(accounts, "ada", "EDIT", TWO)
    user = grants.to_user(accounts, "ada", "MANAGE", ONE)
    assert {(grant.on, grant.permission) for grant in user.grants} == {
        ("experiment:1", "MANAGE"),
        ("experiment:2", "EDIT"),
    }

    grants.to_role(accounts, "readers", HERE, "READ", ONE)
    role = grants.to_role(accounts, "readers", HERE, "DENY", ONE)
    assert [(grant.on, grant.permission) for grant in role.grants] == [("experiment:1", "DENY")]


def test_a_number_that_no_experiment_has_is_not_granted(accounts: AccountsInMemory) -> None:
    """The next experiment would have it."""
    for work in (
        lambda: grants.to_user(accounts, "ada", "READ", Resource("experiment", "3")),
        lambda: grants.to_role(accounts, "readers", HERE, "READ", Resource("experiment", "3")),
    ):
        assert refusal(work) == "There is no experiment 3. The address of an experiment's page shows its number."


def test_what_was_granted_is_taken_away_where_it_was_granted(accounts: AccountsInMemory) -> None:
    grants.to_user(accounts, "ada", "READ", ONE)
    grants.to_role(accounts, "readers", HERE, "READ", TWO)
    roles.assign(accounts, "readers", HERE, "ada")

    assert refusal(lambda: grants.from_user(accounts, "ada", TWO)) == (
        "'ada' was granted experiment:2 by the role 'readers'. Take that away: flowship revoke experiment:2 --role "
        "readers, or flowship roles unassign readers ada"
    )
    assert grants.from_user(accounts, "ada", ONE).grants == ()
    assert grants.from_role(accounts, "readers", HERE, TWO).grants == ()


def test_what_was_not_granted_cannot_be_taken_away(accounts: AccountsInMemory) -> None:
    assert refusal(lambda: grants.from_user(accounts, "ada", ONE)) == (
        "'ada' was not granted 'experiment:1'. But: nothing."
    )
    grants.to_user(accounts, "ada", "READ", Resource("experiment", "*"))
    grants.to_role(accounts, "readers", HERE, "READ", Resource("prompt", "p"))
    assert refusal(lambda: grants.from_user(accounts, "ada", ONE)) == (
        "'ada' was not granted 'experiment:1'. Did you mean 'experiment:*'?"
    )
    assert refusal(lambda: grants.from_role(accounts, "readers", HERE, ONE)) == (
        "The role 'readers' does not grant 'experiment:1'. But: prompt:p."
    )
