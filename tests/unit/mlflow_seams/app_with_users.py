"""A program with MLflow's app and its users: root, an admin; ada, who manages experiment 0; and eve, whom nobody has
granted anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.unit.in_mlflow import in_mlflow, with_tables
from tests.unit.mlflow_seams.server import test_app

if TYPE_CHECKING:
    from pathlib import Path

USERS = """
import base64, json
from flowship.auth.in_mlflow import rights, user_names
from flowship.mlflow_seams.auth import accounts
from flowship.mlflow_seams.auth.users import auth_app
from tests.unit.server.asgi import ask

auth = auth_app()
store = auth.store
for name, is_admin in (("root", True), ("ada", False), ("eve", False)):
    store.create_user(name, "a good password", is_admin=is_admin)
store.authenticate_user = lambda username, password: True
store.grant_user_permission("ada", "experiment", "0", "MANAGE")
accounts.check_new_names(user_names.refusal)
accounts.offer_logging_out()

def asked(who, path, method="GET", query=b"", body=b"{}"):
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    headers.append((b"content-length", str(len(body)).encode()))
    headers.append((b"authorization", b"Basic " + base64.b64encode(f"{who}:x".encode())))
    whole = {"scheme": "http", "server": ("localhost", 80), "http_version": "1.1", "query_string": query}
    answer = asyncio.run(ask(app, path, method, headers=headers, sent=body, **whole))
    return answer.status, answer.body.decode()
"""


def program(directory: Path, lines: str, *, restricted: bool = True) -> str:
    """The program that goes on with these lines, after all seams of rights are in place if it is `restricted`."""
    loading = test_app.TestTheServersApp().basic_auth(directory).replace("/team", "")
    loading = loading.replace("'sqlite://'", f"'sqlite:///{with_tables(directory)}/mlflow.db'")
    return f"{loading}\n{USERS}\n{'rights.restrict()' if restricted else ''}\n{lines}"


def unrestricted(directory: Path, lines: str) -> list[Any]:
    """What the lines print, each time a line of JSON; they put the seams of their test in place themselves."""
    return [json.loads(line) for line in in_mlflow(program(directory, lines, restricted=False)).splitlines()]
