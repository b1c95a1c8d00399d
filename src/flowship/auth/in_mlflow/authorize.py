"""What MLflow calls to learn who a request is from: `authorization_function` in the file that it reads.

MLflow calls it several times in a request: in a thread, to which the context is copied, and on the event loop inside a
Flask context of its own. The gate has found out before; without the gate, nobody is let in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.authenticator import CURRENT
from flowship.mlflow_seams.auth.users import UNAUTHENTICATED

if TYPE_CHECKING:
    from werkzeug import Response
    from werkzeug.datastructures import Authorization

FUNCTION = "flowship.auth.in_mlflow.authorize:authenticate_request"
"""This module's function, as MLflow's file names it."""


def authenticate_request() -> Authorization | Response:
    """Tell MLflow who the request is from, or give the answer that asks for credentials."""
    from flask import Response
    from werkzeug.datastructures import Authorization

    identity = CURRENT.get()
    if identity is None:
        return Response(UNAUTHENTICATED, status=401, headers={"WWW-Authenticate": 'Basic realm="mlflow"'})
    return Authorization("basic", {"username": identity.username, "password": ""})


def sender() -> str | None:
    """Tell the name of whom the request is from."""
    identity = CURRENT.get()
    return identity.username if identity else None
