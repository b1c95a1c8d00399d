"""Each GET of MLflow's is known to read, or to be kept from whoever may only read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowship.mlflow_seams.auth.reading_routes import POSTS, READS, reads

ROUTES = Path(__file__).parents[1] / "routes.txt"

ACTING = {
    # MLflow's assistant may run commands, and asks programs of the machine.
    *(f"/ajax-api/3.0/mlflow/assistant/{path}" for path in ("config", "providers", "sessions/1/stream")),
    *(f"/ajax-api/3.0/mlflow/assistant/providers/1/{path}" for path in ("health", "models")),
    # It passes on what it is told to.
    "/ajax-api/2.0/mlflow/gateway-proxy",
}
"""Where a GET does more than read."""


def routes() -> list[tuple[str, str]]:
    found = [line.split(" ")[:2] for line in ROUTES.read_text().splitlines()]
    return [(method, re.sub(r"<[^>]*>|\{[^}]*\}", "1", path)) for method, path in found]


def test_every_get_of_mlflow_has_been_looked_at() -> None:
    """One that is new here either reads, and goes into the list, or acts, and goes into the one above."""
    gets = {path for method, path in routes() if method == "GET"}

    assert {path for path in gets if not reads("GET", path)} == ACTING


def test_every_line_of_the_list_is_a_route_of_mlflow() -> None:
    known = {(method, re.sub(r"^/(ajax-)?api/[0-9.]+/", "", path)) for method, path in routes()}
    known |= {(method, re.sub(r"^(mlflow/(?:skills|mcp-servers))/.*", r"\1/1", path)) for method, path in known}
    listed = {("GET", path) for path in READS} | {("POST", path) for path in POSTS}

    assert {(method, re.sub("<[^>]*>", "1", path)) for method, path in listed} - known == set()


def test_what_changes_something_is_no_reading() -> None:
    changing = {(method, path) for method, path in routes() if method not in ("GET", "POST")}

    assert not [route for route in changing if reads(*route)]
    posts = [path for method, path in routes() if method == "POST" and reads(method, path)]
    assert not [path for path in posts if re.search("create|update|delete|set-|log-|restore|upload", path)]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/2.0/mlflow/runs/new-in-the-next-version"),
        ("POST", "/api/2.0/mlflow/runs/log-batch"),
        ("POST", "/api/2.0/mlflow/traces/1/search"),
        ("PUT", "/api/2.0/mlflow/runs/search"),
        ("DELETE", "/api/2.0/mlflow/runs/get"),
        ("POST", "/gateway/mlflow/v1/chat/completions"),
        ("GET", "/api/2.0/mlflow/gateway-proxy"),
        ("get", "/"),
        ("GET", "/x/api/2.0/mlflow/runs/get"),
        ("GET", "/api/2.0/mlflow/runs/get\n"),
    ],
)
def test_what_is_not_known_counts_as_a_change(method: str, path: str) -> None:
    assert not reads(method, path)


def test_reading_is_known_by_both_ways_to_the_api() -> None:
    for root in ("/api/2.0", "/ajax-api/2.0", "/api/3.0"):
        assert reads("GET", f"{root}/mlflow/runs/get")
        assert reads("HEAD", f"{root}/mlflow-artifacts/artifacts/1/a/b.txt")
        assert reads("POST", f"{root}/mlflow/runs/search")
    assert reads("POST", "/graphql")
