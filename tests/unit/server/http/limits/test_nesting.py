"""What a client sent too deep to be read is its own mistake, whoever in the app finds out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from flowship.mlflow_seams.reading.requests import TOO_DEEP
from flowship.server.http.limits.nesting import Nesting
from tests.unit.server.asgi import ask

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

DEEP = b"[" * 100_000 + b"]" * 100_000


async def reads(request: Request) -> Response:
    return JSONResponse({"read": len(await request.json())})


async def reads_before(request: Request, call_next: object) -> Response:
    await request.json()
    return PlainTextResponse("read")


def in_a_route() -> ASGIApp:
    return Starlette(routes=[Route("/", reads, methods=["POST"])])


def in_a_middleware() -> ASGIApp:
    app = in_a_route()
    assert isinstance(app, Starlette)
    app.add_middleware(BaseHTTPMiddleware, dispatch=reads_before)
    return app


@pytest.mark.parametrize("app", [in_a_route(), in_a_middleware()])
def test_a_body_that_is_too_deep_is_refused(app: ASGIApp) -> None:
    answer = asyncio.run(ask(Nesting(app), "/", "POST", sent=DEEP))

    assert answer.status == 400
    assert answer.body.decode() == TOO_DEEP


def test_what_is_read_is_answered() -> None:
    answer = asyncio.run(ask(Nesting(in_a_route()), "/", "POST", sent=b"[[], []]"))

    assert (answer.status, answer.body) == (200, b'{"read":2}')


def test_another_failure_stays_one() -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("Internal Server Error", 500)(scope, receive, send)
        raise OSError("disk")

    sent: list[object] = []

    async def send(message: object) -> None:
        sent.append(message)

    with pytest.raises(OSError, match="disk"):
        asyncio.run(Nesting(failing)({"type": "http"}, None, send))  # type: ignore[arg-type]

    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]  # type: ignore[index]


def test_an_answer_that_has_begun_is_broken_off() -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RecursionError

    with pytest.raises(RecursionError):
        asyncio.run(ask(Nesting(failing), "/"))
