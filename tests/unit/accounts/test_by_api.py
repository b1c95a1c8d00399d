"""What a server refuses, told to whoever is at the terminal."""

from __future__ import annotations

import json

import pytest

from flowship.accounts.by_api import LOGIN, refused
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
