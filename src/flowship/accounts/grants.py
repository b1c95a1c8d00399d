"""What is granted and taken away, to users and to roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.accounts import roles, users
from flowship.accounts.permissions import EVERYTHING
from flowship.accounts.words import unknown
from flowship.errors import AccountsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowship.accounts.accounts import Accounts, Grant, Role, User
    from flowship.accounts.permissions import Resource


def to_user(accounts: Accounts, name: str, permission: str, on: Resource) -> User:
    """Grant something to a user, in place of what was granted on it before. Raises AccountsError."""
    _require_there(accounts, on)
    user = users.named(accounts.users(), name)
    if there := _there(user.grants, on):
        accounts.change_grant(there, permission)
    else:
        accounts.grant_to_user(user, *on, permission)
    return users.named(accounts.users(), name)


def to_role(accounts: Accounts, name: str, workspace: str, permission: str, on: Resource) -> Role:
    """Grant something to all who have a role, in place of what was granted on it before. Raises AccountsError."""
    _require_there(accounts, on)
    role = roles.named(accounts, name, workspace)
    if there := _there(role.grants, on):
        accounts.change_grant(there, permission)
    else:
        accounts.grant_to_role(role, *on, permission)
    return roles.named(accounts, name, workspace)


def from_user(accounts: Accounts, name: str, on: Resource) -> User:
    """Take away what a user was granted directly. Raises AccountsError."""
    user = users.named(accounts.users(), name)
    if there := _there(user.grants, on):
        accounts.remove_grant(there)
        return users.named(accounts.users(), name)
    by = [role.name for role in user.roles if _there(role.grants, on)]
    if by:
        raise AccountsError(
            f"{name!r} was granted {on} by the role {by[0]!r}. Take that away: flowship revoke {on} --role {by[0]}, or "
            f"flowship roles unassign {by[0]} {name}"
        )
    raise _not_granted(f"{name!r} was not granted", user.grants, on)


def from_role(accounts: Accounts, name: str, workspace: str, on: Resource) -> Role:
    """Take away what a role grants. Raises AccountsError."""
    role = roles.named(accounts, name, workspace)
    there = _there(role.grants, on)
    if there is None:
        raise _not_granted(f"The role {name!r} does not grant", role.grants, on)
    accounts.remove_grant(there)
    return roles.named(accounts, name, workspace)


def _require_there(accounts: Accounts, on: Resource) -> None:
    """Refuse a number that no experiment has: it would be the next one's, whoever makes that. Raises AccountsError."""
    if on.resource_type == "experiment" and on.name != EVERYTHING and not accounts.has_experiment(on.name):
        raise AccountsError(f"There is no experiment {on.name}. The address of an experiment's page shows its number.")


def _there(grants: Iterable[Grant], on: Resource) -> Grant | None:
    return next((grant for grant in grants if (grant.resource_type, grant.resource) == on), None)


def _not_granted(what: str, grants: Iterable[Grant], on: Resource) -> AccountsError:
    found = sorted(grant.on for grant in grants)
    return unknown(what, str(on), found, f"But: {', '.join(found) or 'nothing'}.")
