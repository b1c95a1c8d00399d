"""What is done with users, when it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.accounts.words import unknown
from flowship.auth import disabled
from flowship.errors import AccountsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowship.accounts.accounts import Accounts, Role, User

DESCRIPTION = "Users with this role cannot sign in. Flowship reads it; its name must stay."


def named(users: Sequence[User], name: str) -> User:
    """Give the user of this name. Raises AccountsError."""
    for user in users:
        if user.name == name:
            return user
    raise unknown("There is no user", name, (user.name for user in users), "`flowship users list` names them all.")


def add(accounts: Accounts, name: str, password: str, *, is_admin: bool) -> User:
    """Make a user. Raises AccountsError."""
    if any(user.name == name for user in accounts.users()):
        raise AccountsError(f"There is a user {name!r} already. For a new password: flowship users set-password {name}")
    accounts.add_user(name, password)
    if is_admin:
        accounts.set_admin(name, is_admin=True)
    return named(accounts.users(), name)


def require(accounts: Accounts, name: str) -> None:
    """Refuse a user who is not there, before anybody is asked for a password. Raises AccountsError."""
    if not accounts.is_own(name):  # who is no admin may not look
        named(accounts.users(), name)


def set_admin(accounts: Accounts, name: str, *, is_admin: bool) -> User:
    """Make somebody an admin, or take that away. Raises AccountsError."""
    users = accounts.users()
    if not is_admin:
        _require_another_admin(users, named(users, name))
    named(users, name)
    accounts.set_admin(name, is_admin=is_admin)
    return named(accounts.users(), name)


def delete(accounts: Accounts, name: str) -> None:
    """Delete a user with all grants. Raises AccountsError."""
    users = accounts.users()
    _require_another_admin(users, named(users, name))
    accounts.delete_user(name)


def disable(accounts: Accounts, name: str) -> User:
    """Let nobody sign in as this user, who keeps everything else. Raises AccountsError."""
    users = accounts.users()
    user = named(users, name)
    if not user.is_disabled:
        _require_another_admin(users, user)
        accounts.require_flowship()
        accounts.assign(user, _disabling(accounts))
    return named(accounts.users(), name)


def enable(accounts: Accounts, name: str) -> User:
    """Let a disabled user sign in again. Raises AccountsError."""
    user = named(accounts.users(), name)
    for role in user.all_roles:
        if role.disables:
            accounts.unassign(user, role)
    return named(accounts.users(), name)


def _disabling(accounts: Accounts) -> Role:
    for role in accounts.roles():
        if role.disables:
            return role
    return accounts.add_role(disabled.ROLE, disabled.WORKSPACE, DESCRIPTION)


def _require_another_admin(users: Sequence[User], user: User) -> None:
    """Refuse to lose the last admin who can sign in. Raises AccountsError."""
    if not user.is_admin or user.is_disabled:
        return
    if not any(other.is_admin and not other.is_disabled for other in users if other is not user):
        raise AccountsError(
            f"{user.name!r} is the last admin who can sign in. Make another one first: flowship users admin NAME"
        )
