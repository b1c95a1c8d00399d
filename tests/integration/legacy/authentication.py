"""What the old server calls to authenticate: its own basic authentication, asked once per user and password.

MLflow 2.22.0 checks the password's hash two to three times in each request, and the hash is slow on purpose: filling a
server would take minutes. `authorization_function` is the extension point that MLflow offers; the stored users,
passwords and permissions are the same with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from mlflow.server.auth import authenticate_request_basic_auth
from werkzeug.datastructures import Authorization

if TYPE_CHECKING:
    from werkzeug import Response

_VERIFIED: dict[tuple[str | None, str | None], Authorization] = {}


def authenticate() -> Authorization | Response:
    given = request.authorization
    credentials = (given.username, given.password) if given else (None, None)
    if credentials in _VERIFIED:
        return _VERIFIED[credentials]
    answer: Authorization | Response = authenticate_request_basic_auth()
    if isinstance(answer, Authorization):
        _VERIFIED[credentials] = answer
    return answer
