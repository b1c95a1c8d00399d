"""MLflow's client's way to the log-ins of `flowship login`: its public entry point `mlflow.request_auth_provider`.

MLFLOW_TRACKING_AUTH=flowship
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow.tracking.request_auth.abstract_request_auth_provider import RequestAuthProvider
from requests.auth import AuthBase

from flowship.client.bearer import Bearer
from flowship.client.log_ins import NAME, fitting

if TYPE_CHECKING:
    from requests import PreparedRequest


class FlowshipAuth(RequestAuthProvider):  # type: ignore[misc]  # MLflow has no types here
    """Gives MLflow's client what sends the token of a log-in."""

    def get_name(self) -> str:
        return NAME

    def get_auth(self) -> AuthBase:
        return LoggedIn()


class LoggedIn(AuthBase):
    """Sends the token of the server that a request goes to, and to no other."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        found = fitting(request.url or "")
        return Bearer(found.token if found else "")(request)
