"""Routes of Flowship's own behind the gate that are for people, so that no token may use them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

from flowship.auth.authenticator import CURRENT, Forbidden, Identity, Scope
from flowship.auth.elsewhere import Receive, Send
from flowship.auth.gate.response import answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowship.auth.gate.gate import App

Answer = Callable[[Identity, Scope, Receive, Send], Awaitable[None]]
"""Answers a request of who is let in."""


class ForPeople(NamedTuple):
    """One such route."""

    path: str
    by_a_token: str
    """What those are told who show a token."""
    answered: Answer


def for_people(app: App, routes: Iterable[ForPeople]) -> App:
    """Put such routes in front of an app that is behind the gate, all in one place: each request passes it."""
    found = {route.path: route for route in routes}
    if not found:
        return app

    async def in_front(scope: Scope, receive: Receive, send: Send) -> None:
        route = found.get(scope["path"]) if scope["type"] == "http" else None
        identity = CURRENT.get() if route else None
        if route is None or identity is None:
            await app(scope, receive, send)
        elif identity.by_token:
            await answer(Forbidden(route.by_a_token), send)
        else:
            await route.answered(identity, scope, receive, send)

    return in_front
