"""Every page and route of Flowship's own says in a sentence that the database of users does not answer."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import OperationalError

from flowship.auth.authenticator import CURRENT, Identity, Verified
from flowship.auth.gate.asking import Asking
from flowship.auth.gate.for_people import for_people
from flowship.auth.generations import Generations
from flowship.auth.pages.login import UNAVAILABLE, LoginPage
from flowship.auth.pages.sign_in_pages import SignInPages
from flowship.auth.pages.token_pages import TokenPages
from flowship.auth.sessions.cookies import Cookies
from flowship.auth.sessions.limits import Limits
from flowship.auth.sessions.service import SessionService
from flowship.auth.sessions.sessions import Sessions
from flowship.auth.tokens.api import TokenApi
from flowship.auth.tokens.desk import Desk
from flowship.auth.users_database import DOWN
from flowship.server.http.observing.status import StatusRoute
from flowship.server.http.rights.assistant import AssistantDoor
from tests.unit.server.asgi import Answer, ask

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from flowship.auth.authenticator import Credentials, Outcome
    from flowship.auth.gate.gate import App

FORM = (b"content-type", b"application/x-www-form-urlencoded")
OWN_PAGE = [(b"host", b"mlflow"), (b"origin", b"https://mlflow")]
SESSION = (b"cookie", b"flowship_session=an-id; mlflow_user=1")


def by_the_driver() -> NoReturn:
    raise OperationalError("statement", {}, Exception("a-detail"))


def by_mlflow(identity: Identity) -> NoReturn:
    raise MlflowException("a-detail")


async def mlflow(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("a page of ours is not MLflow's")


class Passwords:
    """Takes every password for right."""

    def remembered(self, credentials: Credentials) -> Identity | None:
        return Identity(credentials.username)

    async def authenticate(self, credentials: Credentials, address: str) -> Outcome:
        return Verified(Identity(credentials.username))


def nothing(*what: object, **more: object) -> None: ...


def tokens(is_admin: Callable[[Identity], bool] = lambda identity: True) -> App:
    desk = Desk(by_the_driver, is_admin=is_admin, revoked=nothing, record=nothing)
    pages = TokenPages(desk, static_prefix="", origins=())
    return for_people(mlflow, [pages.route, TokenApi(desk, static_prefix="").route])


def sign_in() -> App:
    sessions = SessionService(Sessions(by_the_driver, Limits(60, 60)), Cookies(), 60, Generations())
    page = LoginPage("", passwords=True)
    return SignInPages(sessions, page, Asking(), Passwords(), static_prefix="").in_front_of(mlflow)


def status() -> App:
    return StatusRoute(mlflow, lambda: pytest.fail("nobody may look"), by_mlflow, "")


def assistant() -> App:
    return AssistantDoor(mlflow, static_prefix="", enabled=True, authenticates=True, is_admin=by_mlflow)


ROUTES = [
    (tokens, "GET", "/tokens", {}, DOWN),
    (tokens, "POST", "/tokens", {"do": "make", "name": "CI", "days": "30"}, DOWN),
    (tokens, "POST", "/tokens", {"do": "revoke", "id": "1"}, DOWN),
    (tokens, "GET", "/api/2.0/flowship/tokens", {}, DOWN),
    (lambda: tokens(by_mlflow), "GET", "/tokens", {}, DOWN),
    (lambda: tokens(by_mlflow), "GET", "/api/2.0/flowship/tokens", {}, DOWN),
    (sign_in, "GET", "/login", {}, UNAVAILABLE),
    (sign_in, "POST", "/login", {"username": "ann", "password": "right"}, UNAVAILABLE),
    (sign_in, "POST", "/logout", {}, "because the database does not answer. Try again in a few seconds."),
    (status, "GET", "/api/2.0/flowship/status", {}, DOWN),
    (assistant, "GET", "/ajax-api/3.0/mlflow/assistant/config", {}, DOWN),
]
"""Those of terminals have this test in test_terminal_pages.py, and what verifies users in the test of each way."""


@pytest.mark.parametrize(
    ("make", "method", "path", "form", "sentence"), ROUTES, ids=[f"{route[1]} {route[2]}" for route in ROUTES]
)
def test_it_is_told(
    make: Any, method: str, path: str, form: dict[str, str], sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def asked() -> Answer:
        CURRENT.set(Identity("ann"))  # in this task alone
        return await ask(make(), path, method, sent=urlencode(form).encode(), headers=[FORM, SESSION, *OWN_PAGE])

    with caplog.at_level(logging.WARNING):
        answer = asyncio.run(asked())

    assert answer.status == 503
    body = answer.body.decode()
    assert sentence in body
    assert "a-detail" not in body + caplog.text
    assert "because the users' database failed" in caplog.text
