"""What is done with roles, when it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.accounts import users
from flowship.accounts.words import unknown
from flowship.auth import disabled
from flowship.errors import AccountsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowship.accounts.accounts import Accounts, Role, User

RESERVED = (
    f"{disabled.ROLE}: is the role of those who cannot sign in. Write flowship users disable NAME, or enable, which "
    "keep it."
)


def given(accounts: Accounts) -> list[Role]:
    """Give the roles that people made; how MLflow keeps grants to single users is none. Raises AccountsError."""
    return [role for role in accounts.roles() if not role.is_personal and not role.disables]


def named(accounts: Accounts, name: str, workspace: str) -> Role:
    """Give the role of this name. Raises AccountsError."""
    _require_free(name, workspace)
    found = [role for role in given(accounts) if role.workspace == workspace]
    for role in found:
        if role.name == name:
            return role
    here = "There" if workspace == disabled.WORKSPACE else f"In the workspace {workspace!r} there"
    raise unknown(f"{here} is no role", name, (role.name for role in found), "`flowship roles add` makes one.")


def add(accounts: Accounts, name: str, workspace: str, description: str) -> Role:
    """Make a role. Raises AccountsError."""
    _require_free(name, workspace)
    if any((role.name, role.workspace) == (name, workspace) for role in accounts.roles()):
        raise AccountsError(f"There is a role {name!r} already. Grant it something: flowship grant ... --role {name}")
    return accounts.add_role(name, workspace, description)


def assign(accounts: Accounts, name: str, workspace: str, user: str) -> User:
    """Give a role to a user, who may have it already. Raises AccountsError."""
    role, found = named(accounts, name, workspace), users.named(accounts.users(), user)
    if role.number not in [each.number for each in found.roles]:
        accounts.assign(found, role)
    return users.named(accounts.users(), user)


def unassign(accounts: Accounts, name: str, workspace: str, user: str) -> User:
    """Take a role away from a user. Raises AccountsError."""
    role, found = named(accounts, name, workspace), users.named(accounts.users(), user)
    if role.number not in [each.number for each in found.roles]:
        raise AccountsError(f"{user!r} has not the role {name!r}, but {_listed(found.roles)}.")
    accounts.unassign(found, role)
    return users.named(accounts.users(), user)


def holders(found: Sequence[User], role: Role) -> list[str]:
    """Name the users who have a role."""
    return sorted(user.name for user in found if role.number in [each.number for each in user.roles])


def _listed(roles: Sequence[Role]) -> str:
    return ", ".join(sorted(repr(role.name) for role in roles)) or "none"


def _require_free(name: str, workspace: str) -> None:
    if (name, workspace) == (disabled.ROLE, disabled.WORKSPACE):
        raise AccountsError(RESERVED)
