"""Users and roles in memory, with what MLflow itself would refuse."""

from __future__ import annotations

from dataclasses import replace

from flowship.accounts.accounts import Grant, Role, User
from flowship.errors import AccountsError


class AccountsInMemory:
    """As MLflow's store, without a database."""

    def __init__(self, *names: str, admins: tuple[str, ...] = ("root",), own: str = "", flowship: bool = True) -> None:
        self.people = {name: User(number, name, name in admins, ()) for number, name in enumerate((*admins, *names), 1)}
        self.kept: dict[int, Role] = {}
        self.passwords: dict[str, str] = {}
        self._own, self._flowship = own, flowship
        self._numbers = iter(range(100, 1000))

    def is_own(self, name: str) -> bool:
        return name == self._own

    def require_flowship(self) -> None:
        if not self._flowship:
            raise AccountsError("not Flowship")

    def has_experiment(self, number: str) -> bool:
        return number in {"1", "2"}

    def users(self) -> list[User]:
        return [
            replace(
                user, all_roles=tuple(self.kept[role.number] for role in user.all_roles if role.number in self.kept)
            )
            for user in self.people.values()
        ]

    def roles(self) -> list[Role]:
        return list(self.kept.values())

    def add_user(self, name: str, password: str) -> None:
        self.people[name] = User(len(self.people) + 1, name, False, ())
        self.passwords[name] = password

    def set_password(self, name: str, password: str) -> None:
        self.passwords[name] = password

    def set_admin(self, name: str, *, is_admin: bool) -> None:
        self.people[name] = replace(self.people[name], is_admin=is_admin)

    def delete_user(self, name: str) -> None:
        del self.people[name]

    def add_role(self, name: str, workspace: str, description: str) -> Role:
        role = Role(next(self._numbers), name, workspace, description, ())
        self.kept[role.number] = role
        return role

    def delete_role(self, role: Role) -> None:
        del self.kept[role.number]

    def assign(self, user: User, role: Role) -> None:
        assert role not in user.all_roles
        self.people[user.name] = replace(user, all_roles=(*user.all_roles, role))

    def unassign(self, user: User, role: Role) -> None:
        left = tuple(each for each in user.all_roles if each.number != role.number)
        self.people[user.name] = replace(user, all_roles=left)

    def grant_to_user(self, user: User, resource_type: str, resource: str, permission: str) -> None:
        personal = next((role for role in user.all_roles if role.is_personal), None)
        if personal is None:
            personal = self.add_role(f"__user_{user.number}__", "default", "")
            self.assign(user, personal)
        self.grant_to_role(personal, resource_type, resource, permission)

    def grant_to_role(self, role: Role, resource_type: str, resource: str, permission: str) -> None:
        grant = Grant(next(self._numbers), resource_type, resource, permission)
        found = self.kept[role.number]
        assert grant.on not in [each.on for each in found.grants]
        self.kept[role.number] = replace(found, grants=(*found.grants, grant))

    def change_grant(self, grant: Grant, permission: str) -> None:
        self._replace(grant, (replace(grant, permission=permission),))

    def remove_grant(self, grant: Grant) -> None:
        self._replace(grant, ())

    def _replace(self, grant: Grant, by: tuple[Grant, ...]) -> None:
        for number, role in self.kept.items():
            if grant in role.grants:
                left = tuple(each for each in role.grants if each != grant)
                self.kept[number] = replace(role, grants=(*left, *by))
