"""Requests to a server's API about users and roles, as MLflow's own client sends them.

Its client of that API is not used: to import it is to load the whole app with users, and it can list none.
"""

from __future__ import annotations

from typing import Any, NamedTuple

LIMIT = 60.0
"""Seconds for one answer."""

RETRIES = 2


class Reply(NamedTuple):
    """What a server answered."""

    status: int
    text: str


def login(address: str) -> tuple[str, str]:
    """Give name and password with which requests to this address are sent; empty where there are none, or a token."""
    from mlflow.utils.credentials import get_default_host_creds

    found = get_default_host_creds(address)
    return ("", "") if found.token else (found.username or "", found.password or "")


def ask(address: str, path: str, method: str, said: dict[str, Any]) -> Reply:
    """Send one request with the login of the environment or of MLflow's file of credentials.

    Raises MlflowException when there is no answer.
    """
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request

    content: dict[str, Any] = {"params" if method == "GET" else "json": said}
    answer = http_request(
        get_default_host_creds(address),
        path,
        method,
        max_retries=RETRIES,
        timeout=LIMIT,
        raise_on_status=False,
        **content,
    )
    return Reply(answer.status_code, answer.text)
