"""What is known of users, roles and grants, and what can be done to them: on the database, or through a server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from flowship.auth import disabled

if TYPE_CHECKING:
    from collections.abc import Mapping

_PERSONAL = re.compile(r"__user_\d+__")
"""The names of the roles in which MLflow keeps what one user was granted directly."""


@dataclass(frozen=True)
class Grant:
    """Says what may be done with something."""

    number: int
    resource_type: str
    resource: str
    """An id or a name, or `*` for all of the type."""
    permission: str

    @property
    def on(self) -> str:
        """What it is about, as the command line writes it."""
        return f"{self.resource_type}:{self.resource}"


@dataclass(frozen=True)
class Role:
    """A name for grants, which several users may have."""

    number: int
    name: str
    workspace: str
    description: str
    grants: tuple[Grant, ...]

    @property
    def is_personal(self) -> bool:
        """Whether it is how MLflow keeps what one user was granted directly."""
        return bool(_PERSONAL.fullmatch(self.name))

    @property
    def disables(self) -> bool:
        """Whether its users cannot sign in."""
        return (self.name, self.workspace) == (disabled.ROLE, disabled.WORKSPACE)


@dataclass(frozen=True)
class User:
    """A user of MLflow's."""

    number: int
    name: str
    is_admin: bool
    all_roles: tuple[Role, ...]

    @property
    def is_disabled(self) -> bool:
        """Whether the user cannot sign in, by any method."""
        return any(role.disables for role in self.all_roles)

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that somebody gave to the user."""
        return tuple(role for role in self.all_roles if not role.is_personal and not role.disables)

    @property
    def grants(self) -> tuple[Grant, ...]:
        """What the user was granted directly."""
        return tuple(grant for role in self.all_roles if role.is_personal for grant in role.grants)


class Accounts(Protocol):
    """MLflow's users and roles, in whatever way they are reached. Each method raises AccountsError."""

    def is_own(self, name: str) -> bool:
        """Tell whether this is the user who asks."""

    def require_flowship(self) -> None:
        """Refuse a server that is not Flowship's, which would let in whom it cannot know to be disabled."""

    def has_experiment(self, number: str) -> bool:
        """Tell whether there is such an experiment, deleted or not."""

    def users(self) -> list[User]: ...

    def roles(self) -> list[Role]: ...

    def add_user(self, name: str, password: str) -> None: ...

    def set_password(self, name: str, password: str) -> None: ...

    def set_admin(self, name: str, *, is_admin: bool) -> None: ...

    def delete_user(self, name: str) -> None: ...

    def add_role(self, name: str, workspace: str, description: str) -> Role: ...

    def delete_role(self, role: Role) -> None: ...

    def assign(self, user: User, role: Role) -> None: ...

    def unassign(self, user: User, role: Role) -> None: ...

    def grant_to_user(self, user: User, resource_type: str, resource: str, permission: str) -> None: ...

    def grant_to_role(self, role: Role, resource_type: str, resource: str, permission: str) -> None: ...

    def change_grant(self, grant: Grant, permission: str) -> None: ...

    def remove_grant(self, grant: Grant) -> None: ...


def user_of(told: Mapping[str, Any]) -> User:
    """Make a user of what MLflow tells of one, with roles."""
    roles = tuple(role_of(role) for role in told.get("roles", ()))
    return User(int(told["id"]), str(told["username"]), bool(told["is_admin"]), roles)


def role_of(told: Mapping[str, Any]) -> Role:
    """Make a role of what MLflow tells of one."""
    grants = tuple(
        Grant(int(each["id"]), each["resource_type"], each["resource_pattern"], each["permission"])
        for each in told.get("permissions", ())
    )
    return Role(int(told["id"]), told["name"], told["workspace"], told.get("description") or "", grants)
