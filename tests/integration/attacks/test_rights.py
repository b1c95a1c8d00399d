"""What a plain user, a stranger and a page of another site have a server do for them: nothing that is not theirs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.integration.server.asking import ask, basic
from tests.integration.users import ADMIN, make_users

if TYPE_CHECKING:
    from tests.integration.flowship import Running

PLAIN = ("plain", "plain's password")
WHO = {"nobody": {}, "plain": basic(*PLAIN), "admin": basic(*ADMIN)}
FORGED = [{}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Forwarded-For": "203.0.113.9"}]
EVIL = "https://evil.example"


@pytest.fixture(scope="module")
def server(closed: Running) -> Running:
    """One with a user without any permission."""
    make_users(closed, PLAIN)
    return closed


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/ajax-api/3.0/jobs/", {"job_name": "invoke_scorer", "params": {}}),
        ("POST", "/api/2.0/mlflow/webhooks", {"name": "x", "url": "http://127.0.0.1/", "events": []}),
        ("POST", "/ajax-api/2.0/mlflow/webhooks/1/test", {}),
        ("POST", "/ajax-api/3.0/mlflow/demo/delete", {}),
        ("POST", "/ajax-api/3.0/mlflow/gateway/guardrails/create", {}),
        ("POST", "/ajax-api/3.0/mlflow/gateway/budgets/create", {}),
        ("POST", "/ajax-api/3.0/mlflow/gateway/model-definitions/create", {"provider": "vertex_ai", "name": "x"}),
        ("POST", "/ajax-api/3.0/mlflow/scorer/invoke", {"experiment_id": "0", "serialized_scorer": "{}"}),
        ("POST", "/ajax-api/3.0/mlflow/genai/evaluate/invoke", {"experiment_id": "0"}),
        ("POST", "/ajax-api/3.0/mlflow/issues/invoke", {"experiment_id": "0"}),
        ("POST", "/ajax-api/3.0/mlflow/prompt-optimization/jobs", {"experiment_id": "0"}),
        ("GET", "/api/2.0/mlflow/users/list", None),
        ("GET", "/ajax-api/2.0/mlflow/users/list", None),
        ("GET", "/ajax-api/3.0/mlflow/roles/list?workspace=default", None),
        ("GET", "/ajax-api/3.0/mlflow/users/permissions/list?username=admin", None),
        ("GET", "/signup", None),
    ],
)
def test_what_is_for_admins_is_for_nobody_else(
    server: Running, method: str, path: str, body: object, forged: dict[str, str]
) -> None:
    answers = {
        who: ask(server.address, path, method=method, body=body, headers={**said, **forged}).status
        for who, said in WHO.items()
    }

    assert (answers["nobody"], answers["plain"]) == (401, 403)
    assert answers["admin"] not in (401, 403)


@pytest.mark.parametrize("path", ["/gateway/openai/v1/chat/completions", "/v1/traces", "/ajax-api/3.0/jobs/", "/none"])
def test_a_page_of_another_site_acts_for_no_user(server: Running, path: str) -> None:
    for who in WHO.values():
        answer = ask(server.address, path, method="POST", body={}, headers={**who, "Origin": EVIL})

        assert answer.status == 403
        assert "corsAllowedOrigins" in answer.text
    assert "corsAllowedOrigins" not in ask(server.address, path, method="POST", body={}, headers=WHO["admin"]).text


def test_a_manager_sees_whom_to_share_with(server: Running) -> None:
    made = ask(
        server.address,
        "/api/2.0/mlflow/experiments/create",
        method="POST",
        body={"name": "plain's own"},
        headers=WHO["plain"],
    )
    assert made.status == 200, made.text
    try:
        listed = ask(server.address, "/ajax-api/2.0/mlflow/users/list", headers=WHO["plain"])

        assert {user["username"] for user in json.loads(listed.text)["users"]} >= {ADMIN[0], PLAIN[0]}
    finally:
        revoked = {"username": PLAIN[0], "resource_type": "experiment", **json.loads(made.text), "permission": "MANAGE"}
        revoked["resource_id"] = revoked.pop("experiment_id")
        taken = ask(
            server.address,
            "/api/3.0/mlflow/users/permissions/revoke",
            method="POST",
            body=revoked,
            headers=WHO["admin"],
        )
        assert taken.status == 200, taken.text
    assert ask(server.address, "/ajax-api/2.0/mlflow/users/list", headers=WHO["plain"]).status == 403


@pytest.mark.parametrize("name", ["a:b", "a\nb", "a\x00b", "x" * 256, ""])
def test_no_user_is_made_who_could_not_log_in(server: Running, name: str) -> None:
    body = {"username": name, "password": "a good password"}
    for api in ("api", "ajax-api"):
        path = f"/{api}/2.0/mlflow/users/create"
        answer = ask(server.address, path, method="POST", body=body, headers=WHO["admin"])

        assert answer.status == 400
        assert "name" in answer.text


def test_pages_offer_to_log_out(server: Running) -> None:
    for who in ("plain", "admin"):
        answer = ask(server.address, "/ajax-api/2.0/mlflow/users/current", headers=WHO[who])

        assert json.loads(answer.text)["is_basic_auth"] is True
    assert ask(server.address, "/ajax-api/2.0/mlflow/users/current", headers=basic("logged", "out")).status == 401
