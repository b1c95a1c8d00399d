"""What MLflow asks before it answers: its tables of questions, where ours are added in front of its own.

Admins are never asked. A refusal of ours is a sentence, and MLflow's own answers stay what they are.
"""

from __future__ import annotations

import importlib
from functools import partial
from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.auth.looking_up import found_or_none
from flowship.mlflow_seams.auth.users import auth_app

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from mlflow.exceptions import MlflowException

    Refusal = Callable[[], str | None]

USERS = ("LIST_USERS", "AJAX_LIST_USERS")
"""The routes that name all users, as MLflow's module of routes calls them."""

ROLES = ("LIST_ROLES", "AJAX_LIST_ROLES")
"""Those that name all roles of some workspaces, with what each of them grants."""

ONE_ROLE = ("GET_ROLE", "AJAX_GET_ROLE", "LIST_ROLE_PERMISSIONS", "AJAX_LIST_ROLE_PERMISSIONS")
"""Those that tell what one role grants."""

CHANGING_ROLES = {
    "CREATE_ROLE": "POST",
    "UPDATE_ROLE": "PATCH",
    "DELETE_ROLE": "DELETE",
    "ASSIGN_ROLE": "POST",
    "UNASSIGN_ROLE": "DELETE",
}
"""Those that make, rename and delete a role, give it to a user and take it away, with their methods; each has another
one, for pages, with `AJAX_` before its name."""

JOBS = "/ajax-api/3.0/jobs"
"""What the paths of the server's jobs begin with, after the static prefix."""


DEMO = ("DEMO_GENERATE",)
"""The route that fills the server with experiments, traces and prompts to look at."""


def ask_before(routes: Iterable[str], refusal: Refusal, method: str = "GET") -> None:
    """Ask `refusal` too, in the thread of a request for one of these routes, whether its sender may have them."""
    auth, paths = auth_app(), importlib.import_module("mlflow.server.auth.routes")
    for route in routes:
        key = (getattr(paths, route), method)
        auth.BEFORE_REQUEST_VALIDATORS[key] = partial(_asked, refusal, auth.BEFORE_REQUEST_VALIDATORS[key])


def ask_own_question(validator: str, refusal: Refusal) -> None:
    """Ask `refusal` too wherever MLflow asks this function of its app."""
    _replace_question(validator, partial(_asked, refusal))


def ask_after_own_question(validator: str, refusal: Refusal) -> None:
    """Ask `refusal` too where this function of MLflow's app has nothing against a request, which may be read then."""
    _replace_question(validator, partial(_asked_after, refusal))


def _replace_question(validator: str, asked: Callable[[Callable[[], bool]], bool]) -> None:
    auth = auth_app()
    own, validators = getattr(auth, validator), auth.BEFORE_REQUEST_VALIDATORS
    validators.update({key: partial(asked, own) for key, each in validators.items() if each is own})


DEFINING_MODELS = {
    "validate_can_create_gateway_model_definition": "CreateGatewayModelDefinition",
    "validate_can_update_gateway_model_definition": "UpdateGatewayModelDefinition",
}
"""What MLflow asks before its gateway learns of a model of some provider's, and the message of such a request."""


def ask_before_defining_models(refusal: Callable[[str], str | None]) -> None:
    """Ask `refusal` too, with the provider's name as MLflow understands it, before a model is defined or changed."""
    from mlflow.protos import service_pb2
    from mlflow.utils.provider_filter import normalize_provider_name

    auth = auth_app()

    def asked(kind: Any) -> str | None:
        return refusal(normalize_provider_name(auth._get_request_message(kind()).provider))

    for name, message in DEFINING_MODELS.items():
        ask_own_question(name, partial(asked, getattr(service_pb2, message)))


POINTING_ENDPOINTS = {
    "validate_can_create_gateway_endpoint": "CreateGatewayEndpoint",
    "validate_can_update_gateway_endpoint": "UpdateGatewayEndpoint",
}
"""What MLflow asks before an endpoint of its gateway is pointed at an experiment, and the message of such a request."""


def ask_before_pointing_endpoints(refusal: Callable[[str], str | None]) -> None:
    """Ask `refusal` too, with the experiment's id, before traces of an endpoint go to another experiment than now."""
    from mlflow.protos import service_pb2

    for name, message in POINTING_ENDPOINTS.items():
        ask_own_question(name, partial(_asked_of_endpoint, refusal, getattr(service_pb2, message)))


def _asked_of_endpoint(refusal: Callable[[str], str | None], kind: Any) -> str | None:
    auth = auth_app()
    message = auth._get_request_message(kind())
    number = getattr(message, "endpoint_id", "")  # there is none yet when one is made
    endpoint = (number or None) and auth._fetch_or_none(auth._get_tracking_store().get_gateway_endpoint, number)
    experiment = str(message.experiment_id) or _made_or_found(message, endpoint)
    if not experiment or (endpoint and str(endpoint.experiment_id) == experiment):
        return None
    return refusal(experiment)


def _made_or_found(message: Any, endpoint: Any) -> str:
    """Give the experiment that is there under the name of the one that MLflow makes for an endpoint; empty for none, or
    for one that it made for an endpoint of this name before."""
    from mlflow.utils import mlflow_tags

    tracks = message.usage_tracking if message.HasField("usage_tracking") else endpoint is None
    if not tracks or (endpoint and endpoint.experiment_id):
        return ""
    name = message.name or (endpoint and endpoint.name) or ""
    found = auth_app()._get_tracking_store().get_experiment_by_name(f"gateway/{name}")
    return "" if found is None or mlflow_tags.MLFLOW_EXPERIMENT_IS_GATEWAY in found.tags else str(found.experiment_id)


def may_edit_experiment(experiment: str) -> bool:
    """Tell whether the sender may change what is in this experiment."""
    auth = auth_app()
    return bool(auth._get_experiment_permission(experiment, auth.authenticate_request().username).can_update)


def _asked(refusal: Refusal, own: Callable[[], bool]) -> bool:
    if sentence := refusal():
        raise _denied(sentence)
    return own()


def _asked_after(refusal: Refusal, own: Callable[[], bool]) -> bool:
    return own() and _asked(refusal, lambda: True)


def _denied(sentence: str) -> MlflowException:
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import PERMISSION_DENIED

    return MlflowException(sentence, PERMISSION_DENIED)


def grants_of_sender() -> list[str]:
    """Every permission that the sender of this thread's request was given, for anything, by name."""
    store = auth_app().store
    return [granted.permission for role in store.list_user_roles(_sender()) for granted in role.permissions]


def default_permission() -> str:
    """Tell what everybody may do with what nobody gave a permission for."""
    return str(auth_app().auth_config.default_permission)


def administers_asked_workspaces() -> bool:
    """Tell whether the sender administers each workspace that this thread's request names, at least one."""
    from flask import request

    asked = set(request.args.getlist("workspace"))
    return bool(asked) and asked <= auth_app().store.list_workspace_admin_workspaces(_sender())


def administers_the_role() -> bool:
    """Tell whether the sender administers the workspace of the role that this thread's request names."""
    return bool(auth_app().validate_can_manage_roles())


def asks_about_role(name: str) -> bool:
    """Tell whether this thread's request names this role, by its number or as the name that a role shall have."""
    auth: Any = auth_app()
    said = auth._request_params()
    if said.get("name") == name:
        return True
    if "role_id" not in said:
        return False
    role = found_or_none(lambda: auth.store.get_role(auth._get_int_request_param("role_id")))
    return role is not None and role.name == name  # MLflow's own question finds none too, and tells it


def _sender() -> int:
    auth = auth_app()
    return int(auth.store.get_user(auth.authenticate_request().username).id)


def withhold_submitting_jobs(sentence: str) -> None:
    """Refuse whoever would start one of the server's jobs by its name with parameters of one's own. MLflow's other
    routes start them after asking whether the sender may use what the job will use."""
    auth: Any = auth_app()
    find = auth._get_job_route_validator

    def found(path: str) -> Callable[[str, Any], Awaitable[bool]]:
        own = find(path)

        async def validator(username: str, request: Any) -> bool:
            if request.method == "POST" and path.removeprefix(JOBS).strip("/") != "search":
                raise _denied(sentence)
            return bool(await own(username, request))

        return validator

    auth._get_job_route_validator = found
