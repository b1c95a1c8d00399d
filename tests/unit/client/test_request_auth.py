from __future__ import annotations

import requests
from mlflow.tracking.request_auth.registry import fetch_auth

from flowship.client.log_ins import LogIn, keep
from flowship.client.request_auth import LoggedIn


def test_mlflows_client_finds_it_by_its_public_entry_point() -> None:
    assert isinstance(fetch_auth("flowship"), LoggedIn)


def test_it_sends_the_token_to_the_server_it_is_of() -> None:
    keep("https://a", LogIn("ann", "flowship_secret"))

    def sent(url: str) -> str | None:
        return requests.Request("GET", url, auth=LoggedIn()).prepare().headers.get("Authorization")

    assert sent("https://a/api") == "Bearer flowship_secret"
    assert sent("https://b/api") is None
