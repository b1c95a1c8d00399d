"""What a server refuses, told to whoever is at the terminal."""

from __future__ import annotations

import json

import pytest

from flowship.accounts.by_api import LOGIN, RemoteAccounts, refused
from flowship.errors import AccountsError
from flowship.mlflow_seams.auth.api import Reply

ADDRESS = "https://mlflow.example.com"


def error(message: str) -> str:
    return json.dumps({"error_code": "X", "message": message})


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (Reply(401, "You are not authenticated."), f"{ADDRESS} does not take this login. {LOGIN}"),
        (Reply(403, "Permission denied"), f"{ADDRESS} refuses this user: Permission denied. {LOGIN}"),
        (Reply(403, error("For admins.")), f"{ADDRESS} refuses this user: For admins. {LOGIN}"),
        (Reply(403, ""), f"{ADDRESS} refuses this user: Permission denied. {LOGIN}"),
        (Reply(400, error("Password must be at least 12 characters.")), "Password must be at least 12 characters."),
        (
            Reply(400, error("User (username=a) already exists. Error: (sqlite3...)")),
            "User (username=a) already exists.",
        ),
        (
            Reply(404, "<!doctype html>"),
            f"{ADDRESS} has no users: it is no MLflow, or one without auth. Correct --server, or turn auth on.",
        ),
        (Reply(502, "<html>"), f"{ADDRESS} answered 502. The server's log says more."),
    ],
)
def test_each_refusal_says_what_to_do(reply: Reply, sentence: str) -> None:
    assert refused(ADDRESS, reply) == sentence


def test_a_server_is_named_by_its_whole_address() -> None:
    with pytest.raises(AccountsError) as refused:
        RemoteAccounts("mlflow.example.com")

    assert str(refused.value) == "--server: is no address. Write it whole, such as https://mlflow.example.com"


def test_a_server_that_is_not_there_is_told_with_the_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowship.mlflow_seams.auth.api.RETRIES", 0)

    with pytest.raises(AccountsError) as refused:
        RemoteAccounts("http://127.0.0.1:1").users()

    assert str(refused.value).startswith("http://127.0.0.1:1 does not answer. Correct --server, or start it. ")
    assert "Connection refused" in str(refused.value)
    assert "Max retries" not in str(refused.value)


@pytest.mark.parametrize("text", ["<!doctype html><title>Sign in</title>", "[]"])
def test_an_answer_of_something_else_is_told(text: str) -> None:
    with pytest.raises(AccountsError) as told:
        RemoteAccounts(ADDRESS).document(Reply(200, text))

    assert str(told.value) == f"{ADDRESS} answered something else than MLflow's API does. Correct --server."
