"""The route that tells admins how the server is; without users, everybody may do everything, and so may see it."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from flowship.auth.authenticator import CURRENT, Forbidden
from flowship.auth.gate.response import answer
from flowship.auth.responding import respond
from flowship.auth.users_database import answer_of_users
from flowship.server.http.observing.observation import set_route
from flowship.status.report import PATH

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from flowship.auth.authenticator import Identity
    from flowship.status.report import Status

ADMINS_ONLY = "The status of the server is for admins, because it names databases and their sizes. Ask an admin."


class StatusRoute:
    """An ASGI app, behind the gate, that answers one route in front of another app.

    `look` takes some seconds where something hangs, so one asker waits for the other. `is_admin` may ask a database.
    """

    def __init__(
        self, app: ASGIApp, look: Callable[[], Status], is_admin: Callable[[Identity], bool], static_prefix: str
    ) -> None:
        self._app = app
        self._look = look
        self._is_admin = is_admin
        self._path = f"{static_prefix}{PATH}"
        self._one = anyio.CapacityLimiter(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != self._path or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        set_route(PATH)
        identity = CURRENT.get()
        may: bool | None = True
        if identity is not None:
            may = await answer_of_users(partial(self._is_admin, identity), "nobody can be told the status", send)
        if may:
            await answer_status(send, self._look, self._one)
        elif may is not None:
            await answer(Forbidden(ADMINS_ONLY), send)


async def answer_status(send: Send, look: Callable[[], Status], limiter: anyio.CapacityLimiter) -> None:
    """Say how the server is. That is no probe: the answer is a good one where something is wrong too."""
    status = await anyio.to_thread.run_sync(look, limiter=limiter)
    await respond(send, HTTPStatus.OK, status.model_dump_json(indent=2).encode(), b"application/json")
