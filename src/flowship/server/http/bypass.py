"""A way around MLflow's middleware functions and routes of FastAPI for requests that are Flask's.

Starlette runs what is behind each such function in a task of its own and passes every message through a stream: with
three of them a third of what a short request costs. Flask answers most requests, and asks them what it must itself.
FastAPI compares each request with some seventy patterns, a fifth of what a short one costs, before it finds that it is
Flask's.
"""

from __future__ import annotations

from inspect import isfunction
from typing import TYPE_CHECKING, Any

from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.routing import Match, Mount

from flowship.server.http.addresses.memory import remember_short

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.applications import Starlette
    from starlette.middleware.base import DispatchFunction
    from starlette.types import ASGIApp, Receive, Scope, Send

    Asked = Callable[[Scope], bool]

SIZE = 3_000
"""Paths that are remembered at most for each function, about 1 MB: some hold the name of an artifact."""

MATCHED = ("type", "method", "root_path", "path")
"""What routes look at."""


class Bypass:
    """One of Starlette's middleware functions, which only those requests pass that concern it."""

    def __init__(self, app: ASGIApp, dispatch: DispatchFunction, concerned: Asked) -> None:
        self._app = app
        self._middleware = BaseHTTPMiddleware(app, dispatch)
        self._concerned = concerned

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._middleware if self._concerned(scope) else self._app
        await app(scope, receive, send)


def bypass(app: Starlette, functions: Mapping[str, Asked]) -> None:
    """Put a bypass around these functions, by their full names, in an app that has served nothing yet."""
    for place, middleware in enumerate(app.user_middleware):
        dispatch: Any = middleware.kwargs.get("dispatch")
        concerned = functions.get(f"{dispatch.__module__}.{dispatch.__name__}") if isfunction(dispatch) else None
        if concerned:
            app.user_middleware[place] = Middleware(Bypass, dispatch, remembering_paths(concerned))


class FlaskFirst(Mount):
    """Flask's place, in front of FastAPI's routes for what these do not answer."""

    def __init__(self, flask: ASGIApp, native: Asked) -> None:
        super().__init__("", flask)
        self._native = native

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether this is the route of the request, and what its app is told."""
        return (Match.NONE, {}) if self._native(scope) else super().matches(scope)


def flask_first(app: Starlette, native: Asked) -> None:
    """Have Flask's requests find Flask at once: the last of the app's routes, which takes everything that FastAPI's,
    of which `native` tells, do not answer."""
    last = app.routes[-1]
    if isinstance(last, Mount) and not last.path:
        app.routes.insert(0, FlaskFirst(last.app, native))


def remembering_paths(asked: Asked) -> Asked:
    """Remember what a question was answered for each path: it is told only what routes look at."""

    remembered = remember_short(lambda *matched: asked(dict(zip(MATCHED, matched, strict=True))), SIZE)
    kind, method, root, path = MATCHED
    return lambda scope: remembered(scope[kind], scope.get(method, ""), scope.get(root, ""), scope.get(path, ""))
