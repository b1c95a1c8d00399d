"""Users and roles of a server that runs, by MLflow's API; the login is that of MLflow's own clients."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flowship.accounts.accounts import role_of, user_of
from flowship.errors import AccountsError
from flowship.mlflow_seams.auth import api

if TYPE_CHECKING:
    from flowship.accounts.accounts import Grant, Role, User

USERS = "/api/2.0/mlflow/users"
ROLES = "/api/3.0/mlflow/roles"
GRANTING = "/api/3.0/mlflow/users/permissions/grant"
EXPERIMENT = "/api/2.0/mlflow/experiments/get"
READY = "/ready"
"""What MLflow alone does not answer."""

LOGIN = (
    "Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, to those of an admin, as for "
    "MLflow's clients."
)
LONGEST = 500
"""Characters of an answer that are repeated."""


class RemoteAccounts:
    """Users and roles of the server at this address, a static prefix included."""

    def __init__(self, address: str) -> None:
        """Take the address of a server. Raises AccountsError when it is none."""
        if not address.lower().startswith(("http://", "https://")):
            raise AccountsError("--server: is no address. Write it whole, such as https://mlflow.example.com")
        self.address = address.rstrip("/")

    def is_own(self, name: str) -> bool:
        return api.login(self.address)[0] == name

    def require_flowship(self) -> None:
        if self.reply(READY, "GET", {}).status not in {HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE}:
            raise AccountsError(
                f"{self.address} is not served by Flowship, as it has no {READY}, and MLflow alone lets in users who "
                "are disabled. Give the user another password, or delete the user."
            )

    def has_experiment(self, number: str) -> bool:
        reply = self.reply(EXPERIMENT, "GET", {"experiment_id": number})
        if reply.status not in {HTTPStatus.OK, HTTPStatus.NOT_FOUND}:
            raise AccountsError(refused(self.address, reply))
        return reply.status == HTTPStatus.OK

    def users(self) -> list[User]:
        return [user_of(each) for each in self._asked(f"{USERS}/list", "GET")["users"]]

    def roles(self) -> list[Role]:
        return [role_of(each) for each in self._asked(f"{ROLES}/list", "GET")["roles"]]

    def add_user(self, name: str, password: str) -> None:
        self._asked(f"{USERS}/create", "POST", username=name, password=password)

    def set_password(self, name: str, password: str) -> None:
        current = {"current_password": api.login(self.address)[1]} if self.is_own(name) else {}
        self._asked(f"{USERS}/update-password", "PATCH", username=name, password=password, **current)

    def set_admin(self, name: str, *, is_admin: bool) -> None:
        self._asked(f"{USERS}/update-admin", "PATCH", username=name, is_admin=is_admin)

    def delete_user(self, name: str) -> None:
        self._asked(f"{USERS}/delete", "DELETE", username=name)

    def add_role(self, name: str, workspace: str, description: str) -> Role:
        said = {"description": description} if description else {}
        return role_of(self._asked(f"{ROLES}/create", "POST", name=name, workspace=workspace, **said)["role"])

    def delete_role(self, role: Role) -> None:
        self._asked(f"{ROLES}/delete", "DELETE", role_id=role.number)

    def assign(self, user: User, role: Role) -> None:
        self._asked(f"{ROLES}/assign", "POST", username=user.name, role_id=role.number)

    def unassign(self, user: User, role: Role) -> None:
        self._asked(f"{ROLES}/unassign", "DELETE", username=user.name, role_id=role.number)

    def grant_to_user(self, user: User, resource_type: str, resource: str, permission: str) -> None:
        on = {"resource_type": resource_type, "resource_id": resource}
        self._asked(GRANTING, "POST", username=user.name, permission=permission, **on)

    def grant_to_role(self, role: Role, resource_type: str, resource: str, permission: str) -> None:
        on = {"resource_type": resource_type, "resource_pattern": resource}
        self._asked(f"{ROLES}/permissions/add", "POST", role_id=role.number, permission=permission, **on)

    def change_grant(self, grant: Grant, permission: str) -> None:
        said = {"role_permission_id": grant.number, "permission": permission}
        self._asked(f"{ROLES}/permissions/update", "PATCH", **said)

    def remove_grant(self, grant: Grant) -> None:
        self._asked(f"{ROLES}/permissions/remove", "DELETE", role_permission_id=grant.number)

    def _asked(self, path: str, method: str, **said: Any) -> dict[str, Any]:
        return self.document(self.reply(path, method, said))

    def document(self, reply: api.Reply) -> dict[str, Any]:
        """Give what an answer says. Raises AccountsError when it refuses, or is none of such a server's."""
        if reply.status != HTTPStatus.OK:
            raise AccountsError(refused(self.address, reply))
        try:
            found = json.loads(reply.text or "{}")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise AccountsError(f"{self.address} answered something else than MLflow's API does. Correct --server.")
        return found

    def reply(self, path: str, method: str, said: dict[str, Any]) -> api.Reply:
        """Send one request. Raises AccountsError when there is no answer."""
        from mlflow.exceptions import MlflowException

        try:
            return api.ask(self.address, path, method, said)
        except MlflowException as error:
            cause = str(error).rpartition("(Caused by ")[2].removesuffix(")")
            raise AccountsError(f"{self.address} does not answer. Correct --server, or start it. {cause}") from error


def refused(address: str, reply: api.Reply) -> str:
    """Say why a server did not do what was asked, and what to do about it."""
    if reply.status == HTTPStatus.UNAUTHORIZED:
        return f"{address} does not take this login. {LOGIN}"
    sentence = _message(reply.text)
    if reply.status == HTTPStatus.FORBIDDEN:
        return f"{address} refuses this user: {sentence or 'Permission denied'}. {LOGIN}".replace("..", ".")
    if sentence:
        return sentence.partition(" Error: ")[0]
    if reply.status == HTTPStatus.NOT_FOUND:
        return f"{address} has no users: it is no MLflow, or one without auth. Correct --server, or turn auth on."
    return f"{address} answered {reply.status}. The server's log says more."


def _message(text: str) -> str:
    """Give the sentence of MLflow's error, if it is one."""
    try:
        found = json.loads(text)
    except ValueError:
        return "" if "<" in text else text.strip()[:LONGEST]
    return str(found.get("message", ""))[:LONGEST] if isinstance(found, dict) else ""
