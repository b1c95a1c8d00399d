"""A log-in from this terminal: the server gives a code, somebody confirms it with a browser, and a token is fetched."""

from __future__ import annotations

import platform
import time
from typing import Any, NamedTuple

import requests

from flowship import __version__
from flowship.client.bearer import Bearer
from flowship.client.log_ins import LogIn
from flowship.errors import LogInError

TIMEOUT = 30
WHY = {
    "refused": "the log-in was refused in the browser.",
    "gone": "nobody has confirmed the code in time. Log in again.",
    "not made": "the user has too many tokens, or is gone. Revoke one on the page /tokens.",
}


class Started(NamedTuple):
    """A log-in that waits to be confirmed."""

    code: str
    page: str
    secret: str
    seconds: int
    every: int


def start(address: str, *, read_only: bool) -> Started:
    """Ask a server for a code. Raises LogInError."""
    form = {"program": f"flowship {__version__} on {platform.node()}", "scope": "read" if read_only else "all"}
    status, said = _ask(address, "begin", form)
    if status == 429:
        raise LogInError(f"{address}: {said.get('error')}")
    try:
        if not said["code"].isprintable():  # it goes to a terminal
            raise ValueError
        return Started(said["code"], f"{address}/terminal", said["secret"], int(said["seconds"]), int(said["every"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise LogInError(
            f"{address} offers no log-in from a terminal. It needs Flowship with users, sessions.enabled and "
            "tokens.enabled."
        ) from None


def finish(address: str, started: Started) -> LogIn:
    """Wait until somebody has confirmed the code. Raises LogInError."""
    for _ in range(max(1, started.seconds // max(1, started.every)) + 1):
        status, said = _ask(address, "fetch", {"secret": started.secret})
        if status == 200 and "token" in said:
            return LogIn(said["user"], said["token"], said.get("ends"))
        if status not in (202, 503):
            raise LogInError(
                f"{address}: {WHY.get(str(said.get('state')), 'the server does not let this terminal in.')}"
            )
        time.sleep(max(1, started.every))
    raise LogInError(f"{address}: {WHY['gone']}")


def end(address: str, log_in: LogIn) -> bool:
    """Have the server revoke the token; whether there was such a token. Raises LogInError."""
    status, said = _ask(address, "end", {"token": log_in.token})
    if status != 200:
        raise LogInError(f"{address} answers {status}, so its token is not revoked. Revoke it on the page /tokens.")
    return bool(said.get("ended"))


def who(address: str, log_in: LogIn) -> tuple[str, bool] | None:
    """Ask a server who this log-in is, and whether an admin; None if it is nobody any more. Raises LogInError."""
    try:
        answer = requests.get(
            f"{address}/api/2.0/mlflow/users/current",
            auth=Bearer(log_in.token),
            timeout=TIMEOUT,
            allow_redirects=False,
        )
        if answer.status_code in (401, 403):
            return None
        said = answer.json()
        user = said.get("user", said)
        return str(user["username"]), bool(user["is_admin"])
    except (requests.RequestException, ValueError, KeyError, AttributeError) as error:
        raise LogInError(f"{address} does not say who is logged in ({type(error).__name__}).") from error


def _ask(address: str, what: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
    try:
        answer = requests.post(
            f"{address}/terminal/{what}", data=form, timeout=TIMEOUT, allow_redirects=False, auth=Bearer()
        )
    except requests.RequestException as error:
        raise LogInError(f"{address} cannot be asked ({type(error).__name__}).") from error
    try:
        said = answer.json()
    except ValueError:
        said = {}
    return answer.status_code, said if isinstance(said, dict) else {}
