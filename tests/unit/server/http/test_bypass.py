from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Mount, Route

from flowship.server.http import bypass as module
from flowship.server.http.bypass import bypass, flask_first, remembering_paths
from tests.unit.server.asgi import ask, hello

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

GET: dict[str, Any] = {"type": "http", "method": "GET", "root_path": "", "path": "/api/3.0/traces", "headers": []}


def app() -> Starlette:
    """Flask's place, behind a function that refuses what it is asked about."""

    async def guard(request: Any, call_next: Any) -> Response:
        return PlainTextResponse("no", status_code=403)

    return Starlette(routes=[Mount("/", hello)], middleware=[Middleware(BaseHTTPMiddleware, dispatch=guard)])


def answers(made: Starlette, *paths: str) -> list[int]:
    return [asyncio.run(ask(made, path)).status for path in paths]


def secret(scope: Scope) -> bool:
    return bool(scope["path"].startswith("/secret"))


def test_a_function_sees_only_the_requests_that_concern_it() -> None:
    made = app()
    bypass(made, {f"{__name__}.guard": secret})

    assert answers(made, "/secret/1", "/open", "/secret/1") == [403, 200, 403]


def test_a_function_of_another_module_that_has_the_same_name_sees_all() -> None:
    made = app()
    bypass(made, {"mlflow.server.auth.guard": secret})

    assert answers(made, "/secret", "/open") == [403, 403]


def test_flask_is_found_first_by_what_it_answers_and_by_nothing_else() -> None:
    tried: list[str] = []

    class Native(Route):
        def matches(self, scope: Scope) -> tuple[Match, Scope]:
            tried.append(scope["path"])
            return super().matches(scope)

    async def named(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(f"Flask {scope['path']} {scope['root_path']}")(scope, receive, send)

    native = Native("/native", lambda request: PlainTextResponse("native"), methods=["GET"])
    made = Starlette(routes=[native, Mount("/", named)])
    flask_first(made, lambda scope: scope["path"] == "/native" and scope["method"] == "GET")

    assert asyncio.run(ask(made, "/native")).body == b"native"
    assert tried == ["/native"]
    assert asyncio.run(ask(made, "/other/path")).body == b"Flask /other/path "
    assert asyncio.run(ask(made, "/native", method="POST")).body == b"Flask /native "
    assert tried == ["/native"]


def test_an_app_whose_last_route_is_for_some_paths_only_is_left_alone() -> None:
    made = Starlette(routes=[Mount("/some", hello)])
    flask_first(made, lambda scope: False)

    assert len(made.routes) == 1


class Routes:
    """FastAPI's routes, and how often they were tried."""

    def __init__(self) -> None:
        self.tried: list[str] = []

    def asked(self, scope: Scope) -> bool:
        self.tried.append(scope["path"])
        return bool(scope["method"] == "GET" and scope["path"].startswith("/api/3.0/"))


def test_routes_are_tried_once_for_a_path_whatever_the_answer() -> None:
    routes = Routes()
    remembered = remembering_paths(routes.asked)
    for _ in range(3):
        assert remembered({**GET, "headers": [(b"accept", b"*/*")]})
        assert not remembered({**GET, "path": "/api/2.0/mlflow/runs/get"})

    assert routes.tried == ["/api/3.0/traces", "/api/2.0/mlflow/runs/get"]


@pytest.mark.parametrize(
    "other", [{"method": "POST"}, {"path": "/other"}, {"root_path": "/prefix"}, {"type": "websocket"}]
)
def test_what_routes_look_at_tells_requests_apart(other: dict[str, str]) -> None:
    routes = Routes()
    remembered = remembering_paths(routes.asked)
    remembered(GET)
    remembered({**GET, **other})

    assert len(routes.tried) == 2


def test_only_so_many_paths_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SIZE", 2)
    routes = Routes()
    remembered = remembering_paths(routes.asked)
    for path in ("/1", "/2", "/3", "/1"):
        remembered({**GET, "path": path})

    assert routes.tried == ["/1", "/2", "/3", "/1"]
