from __future__ import annotations

import asyncio
import contextvars

from werkzeug import Response
from werkzeug.datastructures import Authorization

from flowship.auth.authenticator import CURRENT, Identity
from flowship.auth.in_mlflow.authorize import authenticate_request
from flowship.mlflow_seams.auth.users import UNAUTHENTICATED


def test_mlflow_is_told_who_the_gate_verified() -> None:
    context = contextvars.copy_context()
    context.run(CURRENT.set, Identity("änn", is_admin=True))

    found = context.run(authenticate_request)

    assert isinstance(found, Authorization)
    assert (found.username, found.password) == ("änn", "")


def test_a_thread_of_a_handler_is_told_too() -> None:
    async def in_a_thread() -> Authorization | Response:
        CURRENT.set(Identity("ann"))
        return await asyncio.to_thread(authenticate_request)

    assert asyncio.run(in_a_thread()) == Authorization("basic", {"username": "ann", "password": ""})


def test_without_the_gate_nobody_is_let_in() -> None:
    found = contextvars.Context().run(authenticate_request)

    assert isinstance(found, Response)
    assert found.status_code == 401
    assert found.headers["WWW-Authenticate"] == 'Basic realm="mlflow"'
    assert found.get_data(as_text=True) == UNAUTHENTICATED
