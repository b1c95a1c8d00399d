"""A route of Flowship's own behind the gate that is for people, so that no token may use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.authenticator import CURRENT, Forbidden
from flowship.auth.gate.response import answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from flowship.auth.authenticator import Identity, Scope
    from flowship.auth.gate.gate import App, Receive, Send

    Answer = Callable[[Identity, Scope, Receive, Send], Awaitable[None]]


def for_people(app: App, path: str, by_a_token: str, answered: Answer) -> App:
    """Have `answered` answer this path in front of an app that is behind the gate. Who shows a token is told
    `by_a_token`."""

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        identity = CURRENT.get()
        if scope["type"] != "http" or scope["path"] != path or identity is None:
            await app(scope, receive, send)
        elif identity.by_token:
            await answer(Forbidden(by_a_token), send)
        else:
            await answered(identity, scope, receive, send)

    return route
