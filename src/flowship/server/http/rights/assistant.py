"""The door of MLflow's assistant, whose model may run commands as the server: only for admins, if a value opens it.

Who a request is from decides, never an address: every user of the same machine, `kubectl port-forward` and a proxy
beside the server come from loopback.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from flowship.auth.authenticator import CURRENT, Forbidden, Wrong
from flowship.auth.gate.response import answer
from flowship.auth.responding import respond_json
from flowship.auth.users_database import answer_of_users
from flowship.mlflow_seams.server.assistant import PATH, SWITCHED_OFF

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from flowship.auth.authenticator import Identity

OFF = (
    "MLflow's assistant is switched off, because its model may run commands as the server. Whoever runs the server can "
    "switch it on for admins with assistant.enabled."
)
ADMINS_ONLY = "MLflow's assistant is for admins, because its model may run commands as the server. Ask an admin."

ADMITTED = "flowship.assistant"
"""The key of a request's scope that says that it has passed the door."""


def admitted(scope: Scope) -> bool:
    """Tell whether the request has passed the door: without it, nothing in MLflow listens."""
    return scope.get(ADMITTED) is True


def is_the_assistants(path: str, static_prefix: str) -> bool:
    """Tell whether a path is one of its routes'."""
    return path.startswith(f"{static_prefix}{PATH}")


def refusal(*, enabled: bool, is_admin: bool) -> str | None:
    """Say why a request may not reach the assistant, or None if it may."""
    if not enabled:
        return OFF
    return None if is_admin else ADMINS_ONLY


def shown(*, enabled: bool, is_admin: Callable[[Identity], bool]) -> bool:
    """Tell whether a page has something of the assistant, for whom the request of this context is from."""
    identity = CURRENT.get()
    return enabled and identity is not None and is_admin(identity)


class AssistantDoor:
    """An ASGI app, behind the gate, that lets requests of admins through to the assistant, and all others around it.

    `is_admin` may ask a database: it is called in a thread. `authenticates` says whether there is a gate.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        static_prefix: str,
        enabled: bool,
        authenticates: bool,
        is_admin: Callable[[Identity], bool],
    ) -> None:
        self._app = app
        self._static_prefix = static_prefix
        self._enabled = enabled
        self._authenticates = authenticates
        self._is_admin = is_admin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_the_assistants(scope["path"], self._static_prefix):
            await self._app(scope, receive, send)
            return
        identity = CURRENT.get()
        if identity is None and self._authenticates:
            await answer(Wrong(), send)  # as for every other path: what there is, is told to nobody
            return
        is_admin: bool | None = False
        if identity is not None and self._enabled:
            ask = partial(self._is_admin, identity)
            is_admin = await answer_of_users(ask, "nobody is let through to the assistant", send)
        if is_admin is None:
            return
        if sentence := refusal(enabled=self._enabled, is_admin=is_admin):
            await self._turn_away(scope, send, sentence)
        else:
            await self._app({**scope, ADMITTED: True}, receive, send)

    async def _turn_away(self, scope: Scope, send: Send, sentence: str) -> None:
        """Tell why; a page that asks whether there is anything to show is told that there is nothing."""
        found = SWITCHED_OFF.get(scope["path"].removeprefix(self._static_prefix))
        if found is None or scope["method"] != "GET":
            await answer(Forbidden(sentence), send)
            return
        await respond_json(send, HTTPStatus.OK, found)
