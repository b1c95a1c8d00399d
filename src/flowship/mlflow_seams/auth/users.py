"""MLflow's users, and the app of basic authentication that asks them."""

from __future__ import annotations

import contextlib
import functools
import importlib
from typing import TYPE_CHECKING, Any, Protocol, cast

from flowship.mlflow_seams.installation import quiet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from sqlalchemy import URL


class AuthStore(Protocol):
    """What Flowship needs of MLflow's store of users."""

    def has_user(self, username: str) -> bool: ...

    def create_user(self, username: str, password: str, is_admin: bool = False) -> object: ...

    def update_user(self, username: str, password: str | None = None, is_admin: bool | None = None) -> object: ...

    def authenticate_user(self, username: str, password: str) -> bool: ...


@contextlib.contextmanager
def auth_store(url: URL) -> Iterator[AuthStore]:
    """MLflow's users in a database whose tables exist; its connections are closed afterwards."""
    with quiet():
        from mlflow.server.auth.sqlalchemy_store import SqlAlchemyStore

        store = SqlAlchemyStore()
        store.init_db(url.render_as_string(hide_password=False))
    try:
        yield cast("AuthStore", store)
    finally:
        store.engine.dispose()


UNAUTHENTICATED = (
    "You are not authenticated. Please see https://www.mlflow.org/docs/latest/auth/index.html#authenticating-to-mlflow "
    "on how to authenticate."
)
"""How MLflow asks for credentials; with the same words before it is reached, no client can tell the difference."""

GATEWAY_PATH = "/gateway/"
"""What the paths of MLflow's gateway begin with, after the static prefix."""


@functools.cache
def auth_app() -> ModuleType:
    """MLflow's basic auth app. To import it reads the file of its configuration, so the environment comes first."""
    with quiet():
        return importlib.import_module("mlflow.server.auth")


def is_open_path(path: str) -> bool:
    """Whether MLflow answers this path without credentials; the static prefix may be in front."""
    return bool(auth_app().is_unprotected_route(path))


def is_password_of(username: str, password: str) -> bool:
    """Whether it is the user's password, and not the one that old versions of MLflow gave to every admin.

    Raises MlflowException when the database does not answer.
    """
    auth = auth_app()
    right = auth.store.authenticate_user(username, password)
    return bool(right) and not auth._is_disabled_legacy_admin_login(username, password)


def sender_is_admin() -> bool:
    """Whether the request that Flask handles now is an admin's; a user whom MLflow does not know is none."""
    from mlflow.exceptions import MlflowException

    try:
        return bool(auth_app().sender_is_admin())
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return False
        raise


def is_admin(username: str) -> bool:
    """Whether the user is an admin; a user whom MLflow does not know is none.

    Raises MlflowException when the database does not answer.
    """
    user = auth_app()._fetch_or_none(users_store().get_user, username)
    return user is not None and bool(user.is_admin)


def has_role(username: str, role: str, workspace: str) -> bool:
    """Whether the user has a role of this name in the workspace; a user whom MLflow does not know has none.

    Raises MlflowException when the database does not answer.
    """
    store = users_store()
    user = auth_app()._fetch_or_none(store.get_user, username)
    return user is not None and any(
        each.name == role for each in store.list_user_roles_for_workspace(user.id, workspace)
    )


NOBODYS_HASH = "scrypt$salt$"
"""No password's hash, but as slow as those that MLflow makes, with the parameters that are the default in werkzeug."""


def hash_in_vain(password: str) -> None:
    """Take as long as it takes to find a user's password wrong."""
    from werkzeug.security import check_password_hash

    check_password_hash(NOBODYS_HASH, password)


STORE_READS = frozenset(
    {
        "_scorer_pattern",
        "authenticate_user",
        "get_experiment_permission",
        "get_gateway_endpoint_permission",
        "get_gateway_model_definition_permission",
        "get_gateway_secret_permission",
        "get_mcp_server_permission",
        "get_registered_model_permission",
        "get_role",
        "get_role_by_name",
        "get_role_permission",
        "get_role_permission_for_resource",
        "get_role_workspace_permission",
        "get_scorer_permission",
        "get_user",
        "get_workspace_permission",
        "has_user",
        "is_workspace_admin",
        "is_workspace_admin_of_any_of_users_workspaces",
        "list_accessible_workspace_names",
        "list_all_registered_model_permissions",
        "list_experiment_permissions",
        "list_gateway_endpoint_permissions",
        "list_gateway_model_definition_permissions",
        "list_gateway_secret_permissions",
        "list_grants",
        "list_mcp_server_permissions",
        "list_registered_model_permissions",
        "list_role_grants_for_user_in_workspace",
        "list_role_permissions",
        "list_role_users",
        "list_roles",
        "list_scorer_permissions",
        "list_user_present_workspaces",
        "list_user_roles",
        "list_user_roles_for_workspace",
        "list_user_workspace_permissions",
        "list_users",
        "list_users_with_roles",
        "list_workspace_admin_workspaces",
        "list_workspace_permissions",
        "user_has_any_role_in_workspace",
        "list_named_role_grants_for_resource",  # MLflow 3.18
        "list_per_user_grants_for_resource",  # MLflow 3.18
    }
)
"""What MLflow's store of users is asked without being changed. What is not here counts as a change, which is safe."""


def users_store() -> Any:
    """MLflow's store of users, as it is now: something of ours may be around it."""
    return auth_app().store


def gateway_header() -> str:
    """The header in which the gateway looks for credentials before `Authorization`."""
    return str(auth_app().MLFLOW_GATEWAY_AUTH_HEADER)


def gateway_token() -> str | None:
    """The password with which MLflow's own jobs act for any user, on the gateway's paths."""
    from mlflow.environment_variables import _MLFLOW_INTERNAL_GATEWAY_AUTH_TOKEN

    found = _MLFLOW_INTERNAL_GATEWAY_AUTH_TOKEN.get()
    return None if found is None else str(found)


def wrap_auth_store(wrap: Callable[[Any], object]) -> None:
    """Put something of ours around the store of users that MLflow's authentication asks in each request."""
    auth: Any = auth_app()
    auth.store = wrap(auth.store)


def wrap_run_lookup(wrap: Callable[[Any], object]) -> None:
    """Put something of ours around what looks up a run to authorize a request; not with workspaces, in which the same
    look-up also decides whether a run is in the request's workspace."""
    from mlflow.environment_variables import MLFLOW_ENABLE_WORKSPACES

    if not MLFLOW_ENABLE_WORKSPACES.get():
        auth: Any = auth_app()
        auth._fetch_or_none = wrap(auth._fetch_or_none)


MODEL_LINKS = (b'"model_inputs"', b'"model_outputs"', b'"model_id"')
"""What MLflow withholds in runs from those who may not read logged models."""


def read_only_runs_with_models() -> None:
    """Let answers alone whose runs link to no model: for plain users MLflow parses each answer to find out."""
    auth: Any = auth_app()
    redact = auth._redact_run_response

    def redact_linked(answer: Any, *how: Any) -> None:
        body = answer.get_data()
        if any(link in body for link in MODEL_LINKS):
            redact(answer, *how)

    auth._redact_run_response = redact_linked


def tell_fastapi_who(sender: Callable[[], str | None]) -> None:
    """Have FastAPI's routes ask for the sender's name directly, where MLflow would make a request of Flask's around its
    `authorization_function`, on the event loop. None leaves it to MLflow."""
    auth: Any = auth_app()
    asked = auth._authenticate_custom_for_fastapi

    def told(request: object) -> object:
        name = sender()
        if name is None:
            return asked(request)
        try:
            return auth.store.get_user(name)
        except Exception:  # as MLflow: a user that it does not know, or cannot look up, is nobody
            return None

    auth._authenticate_custom_for_fastapi = told


def dispose_auth_engine() -> None:
    """Close the connections of the store of users, so that a fork shares none; it connects again when asked."""
    auth_app().store.engine.dispose()
