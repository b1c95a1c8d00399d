"""Users and roles in the database itself, by MLflow's own store; servers learn of changes within their cache's time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flowship.accounts.accounts import Grant, Role, User, role_of, user_of
from flowship.auth.in_mlflow import user_names
from flowship.auth.in_mlflow.ending_tokens import EndingTokens
from flowship.database.migrating.revision import Standing, read_state
from flowship.errors import AccountsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowship.database.database import Database


Changed = Callable[[str, str, dict[str, Any]], None]
"""Is told of a change: what was done in the words of MLflow's API, how it ended in one word, and with whom or what."""


@contextmanager
def in_database(
    database: Database, tracking: Database, changed: Changed = lambda *said: None
) -> Iterator[StoredAccounts]:
    """Give the users of this database; `tracking` is the one that has the experiments.

    Raises:
        AccountsError: it has no tables of users, or those of another MLflow.
        DatabaseError: it cannot be used.
    """
    _require_tables(database)
    from flowship.mlflow_seams.auth.users import auth_store

    with auth_store(database.url) as store:
        yield StoredAccounts(EndingTokens(store), tracking, changed)


def _require_tables(database: Database) -> None:
    if database.is_file and not database.file.exists():
        raise AccountsError(
            f"There are no users yet: {database.shown} is made by the first `flowship up` or `flowship migrate` with "
            "these values. Run one of them first, or say where the data is by --data."
        )
    standing = read_state(database.engine(), database.part).standing
    if standing is not Standing.CURRENT:
        raise AccountsError(
            f"{database.shown} does not hold the users of this MLflow, but {_HOLDS[standing]}. Run `flowship migrate` "
            "with the same values, or correct them."
        )


_HOLDS = {
    Standing.EMPTY: "nothing",
    Standing.OLDER: "those of an older one",
    Standing.NEWER: "those of a newer one",
    Standing.FOREIGN: "something else",
}


@contextmanager
def _told() -> Iterator[None]:
    """Tell MLflow's own refusals in its words. Raises AccountsError."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        raise AccountsError(str(error.message).partition(" Error: ")[0]) from error


class StoredAccounts:
    """Users and roles in MLflow's store."""

    def __init__(self, store: Any, tracking: Database, changed: Changed = lambda *said: None) -> None:
        self._store, self._tracking, self._changed = store, tracking, changed

    def is_own(self, name: str) -> bool:
        """Say no: who reaches the database is none of its users."""
        del name
        return False

    def require_flowship(self) -> None:
        """Do nothing: the database is a Flowship's, as the values are."""

    def has_experiment(self, number: str) -> bool:
        from sqlalchemy import text

        if self._tracking.is_file and not self._tracking.file.exists():
            return False
        with self._tracking.engine().connect() as connection:
            asked = text("SELECT 1 FROM experiments WHERE experiment_id = :number")
            return connection.execute(asked, {"number": int(number)}).first() is not None

    def users(self) -> list[User]:
        with _told():
            found = self._store.list_users_with_roles()
        return [user_of({**user.to_json(), "roles": [role.to_json() for role in roles]}) for user, roles in found]

    def roles(self) -> list[Role]:
        with _told():
            return [role_of(role.to_json()) for role in self._store.list_roles()]

    def add_user(self, name: str, password: str) -> None:
        if sentence := user_names.refusal(name):
            raise AccountsError(sentence)
        with self._change("users/create", username=name):
            self._store.create_user(name, password)

    def set_password(self, name: str, password: str) -> None:
        with self._change("users/update-password", username=name):
            self._store.update_user(name, password=password)

    def set_admin(self, name: str, *, is_admin: bool) -> None:
        with self._change("users/update-admin", username=name, is_admin=is_admin):
            self._store.update_user(name, is_admin=is_admin)

    def delete_user(self, name: str) -> None:
        with self._change("users/delete", username=name):
            self._store.delete_user(name)

    def add_role(self, name: str, workspace: str, description: str) -> Role:
        with self._change("roles/create", name=name, workspace=workspace):
            return role_of(self._store.create_role(name, workspace, description or None).to_json())

    def delete_role(self, role: Role) -> None:
        with self._change("roles/delete", name=role.name, workspace=role.workspace):
            self._store.delete_role(role.number)

    def assign(self, user: User, role: Role) -> None:
        with self._change("roles/assign", username=user.name, name=role.name, workspace=role.workspace):
            self._store.assign_role_to_user(user.number, role.number)

    def unassign(self, user: User, role: Role) -> None:
        with self._change("roles/unassign", username=user.name, name=role.name, workspace=role.workspace):
            self._store.unassign_role_from_user(user.number, role.number)

    def grant_to_user(self, user: User, resource_type: str, resource: str, permission: str) -> None:
        with self._change(
            "users/permissions/grant", username=user.name, permission=permission, on=f"{resource_type}:{resource}"
        ):
            self._store.grant_user_resource_permission(user.name, resource_type, resource, permission)

    def grant_to_role(self, role: Role, resource_type: str, resource: str, permission: str) -> None:
        with self._change(
            "roles/permissions/add", name=role.name, permission=permission, on=f"{resource_type}:{resource}"
        ):
            self._store.add_role_permission(role.number, resource_type, resource, permission)

    def change_grant(self, grant: Grant, permission: str) -> None:
        with self._change("roles/permissions/update", number=grant.number, permission=permission, on=grant.on):
            self._store.update_role_permission(grant.number, permission)

    def remove_grant(self, grant: Grant) -> None:
        with self._change("roles/permissions/remove", number=grant.number, on=grant.on):
            self._store.remove_role_permission(grant.number)

    @contextmanager
    def _change(self, what: str, **about: Any) -> Iterator[None]:
        """Make a change, and tell of it however it ends. Raises AccountsError."""
        try:
            with _told():
                yield
        except BaseException:
            self._changed(what, "failed", about)
            raise
        self._changed(what, "done", about)
