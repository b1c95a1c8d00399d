"""Where MLflow decides, it still decides by these names, and a refusal is decided twice."""

from __future__ import annotations

import json

from tests.unit.in_mlflow import in_mlflow

PROGRAM = """
import asyncio, contextlib, json
from flowship.mlflow_seams.auth import decisions
from flowship.mlflow_seams.auth import users
auth = users.auth_app()

class User:
    id, is_admin = 1, False

class Store:
    def get_user(self, username):
        return User()
    def list_grants(self, *which):
        asked.append("grants")
        return []

auth.store = Store()
asked, fresh, allowed = [], [], []

@contextlib.contextmanager
def anew():
    fresh.append(True)
    yield
    fresh.pop()

def decide(*which):
    asked.append(bool(fresh))
    return bool(allowed) and allowed[0] in (bool(fresh), "always")

async def decide_fastapi(*which):
    return decide()

auth._find_validator = lambda request: decide if request else None
auth._get_proxy_artifact_validator = lambda method, arguments: decide if method else None
auth._find_fastapi_validator = lambda path, method: decide_fastapi if path else None
auth.GraphQLAuthorizationMiddleware._check_authorization = decide
auth.sender_is_admin = lambda: User.is_admin
decisions.decide_refusals_again(anew)
deciding = {
    "flask": lambda: auth._find_validator("request")(),
    "artifacts": lambda: auth._get_proxy_artifact_validator("GET", {})(),
    "fastapi": lambda: asyncio.run(auth._find_fastapi_validator("/x", "GET")("ann", None)),
    "graphql": lambda: auth.GraphQLAuthorizationMiddleware()._check_authorization("field", {}, "ann"),
}
"""


def decided(program: str) -> object:
    return json.loads(in_mlflow(PROGRAM + program).splitlines()[-1])


def test_what_is_allowed_is_decided_once() -> None:
    found = decided("allowed.append('always'); print(json.dumps([[each(), len(asked)] for each in deciding.values()]))")

    assert found == [[True, 1], [True, 2], [True, 3], [True, 4]]


def test_what_is_refused_is_decided_anew() -> None:
    found = decided(
        "refused = [each() for each in deciding.values()]; allowed.append(True);"
        "print(json.dumps([refused, [each() for each in deciding.values()], asked]))"
    )

    assert found == [[False] * 4, [True] * 4, [False, True] * 8]


def test_who_has_become_an_admin_is_not_refused() -> None:
    found = decided("User.is_admin = True; print(json.dumps([[each() for each in deciding.values()], asked]))")

    assert found == [[True] * 4, [False] * 4]


def test_where_mlflow_decides_nothing_neither_do_we() -> None:
    found = decided(
        "print(json.dumps([auth._find_validator(None), auth._get_proxy_artifact_validator(None, {}),"
        " auth._find_fastapi_validator('', 'GET')]))"
    )

    assert found == [None, None, None]


def test_a_list_leaves_nothing_out_before_the_grants_were_asked_for_once_more() -> None:
    found = decided("""
from mlflow.server.auth.requirements import Requirement
from mlflow.server.auth.sqlalchemy_store import RoleGrantRow

memory = []
auth.auth_config = auth.auth_config._replace(default_permission="NO_PERMISSIONS")
Store.list_grants = lambda self, *which: (asked.append(bool(fresh)), memory if fresh else [])[1]
retains = auth._role_based_read_predicate("ann", "experiment")
memory.append(RoleGrantRow("experiment", "1", "READ"))
print(json.dumps([retains("1"), retains("1"), retains("2"), asked]))
""")

    assert found == [True, True, False, [False, True]]


def test_mlflow_still_finds_its_decisions_by_these_names() -> None:
    printed = in_mlflow(
        "import inspect; from flowship.mlflow_seams.auth import users; auth = users.auth_app();"
        "source = inspect.getsource(auth);"
        "print(inspect.getsource(auth._before_request).count('if validator := _find_validator(request):'));"
        "print(inspect.getsource(auth._before_request).count('_get_proxy_artifact_validator(request.method'));"
        "print(inspect.getsource(auth.add_fastapi_permission_middleware).count('_find_fastapi_validator(path'));"
        "print(source.count('make_forbidden_response()'), source.count('RetentionGate('));"
        "print(*inspect.signature(auth.GraphQLAuthorizationMiddleware._check_authorization).parameters);"
        "print(*inspect.signature(auth.retention_gate).parameters)"
    )

    assert printed.splitlines()[-6:] == [
        "1",
        "1",
        "1",
        "5 3",
        "self field_name args username",
        "username anchor templates",
    ]
