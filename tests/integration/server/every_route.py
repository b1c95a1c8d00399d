"""Asks every route of MLflow's app with its users, as nobody, as a user without a grant and as admin, first as MLflow
made it and then past the bypass, and prints what was answered otherwise."""

from __future__ import annotations

import asyncio
import base64
import functools
import importlib
from typing import TYPE_CHECKING, Any

import click
from starlette.applications import Starlette

from flowship.mlflow_seams.auth import users as mlflow_users
from flowship.mlflow_seams.server import app as mlflow_app
from flowship.server.http.bypass import bypass, flask_first, remembering_paths
from tests.unit.mlflow_routes import filled, flask_routes, native
from tests.unit.server.asgi import Answer, ask

if TYPE_CHECKING:
    from flask import Flask

WHO = (None, "plain", "admin")
PASSWORD = "a good password"
HOST: dict[str, Any] = {"scheme": "http", "http_version": "1.1", "query_string": b"", "server": ("localhost", 80)}


def reach_no_handler(flask: Flask) -> None:
    """Let Flask's answers tell that a handler was reached, instead of what it does: some ask the internet."""
    for endpoint in flask.view_functions:
        flask.view_functions[endpoint] = lambda **parameters: ("reached", 418)


def requests(app: Starlette) -> set[tuple[str, str]]:
    """Method and path of each route, with something in the place of its parameters."""
    from mlflow.server import app as flask

    beside = {("GET", path) for path in ("/gateway/none", "/v1/traces/none", "/none", "/ajax-api/3.0/jobs/1/2/3")}
    return {(method, filled(path)) for method, path in {*native(app.routes), *flask_routes(flask), *beside}}


async def asked(app: Starlette, method: str, path: str, who: str | None, workspace: str | None) -> Answer:
    headers = [(b"host", b"localhost")]
    if who:
        headers.append((b"authorization", b"Basic " + base64.b64encode(f"{who}:{PASSWORD}".encode())))
    if workspace:
        headers.append((b"x-mlflow-workspace", workspace.encode()))
    return await ask(app, path, method, **HOST, headers=headers)


async def all_answers(app: Starlette) -> dict[tuple[Any, ...], tuple[int, bytes]]:
    found = {}
    for method, path in sorted(requests(app), reverse=True):  # what is put is deleted at last
        for who, workspace in [*((who, None) for who in WHO), ("admin", "another")]:
            answer = await asked(app, method, path, who, workspace)
            found[method, path, who, workspace] = answer.status, answer.body if answer.status in (401, 403) else b""
    return found


def main() -> None:
    app = mlflow_app.load_app("basic-auth")
    assert isinstance(app, Starlette)
    store = mlflow_users.users_store()
    store.create_user("plain", PASSWORD)
    store.authenticate_user = functools.cache(store.authenticate_user)  # which takes a tenth of a second each time
    reach_no_handler(importlib.import_module("mlflow.server").app)
    before = asyncio.run(all_answers(app))
    app.middleware_stack = None
    native = remembering_paths(mlflow_app.answered_by_fastapi(app))
    bypass(app, mlflow_app.middleware_concerns(native))
    flask_first(app, native)
    after = asyncio.run(all_answers(app))
    for request, answer in before.items():
        if after[request] != answer:
            click.echo(f"differs {request} {answer} {after[request]}")
    statuses = [status for status, _ in before.values()]
    click.echo(" ".join(f"{status}:{statuses.count(status)}" for status in sorted(set(statuses))))


if __name__ == "__main__":
    main()
