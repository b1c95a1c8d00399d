"""400 where what a client sent is nested deeper than Python reads: lists in lists of JSON, fields in fields of GraphQL.

Whoever reads it, and wherever in MLflow, ends with a RecursionError, of which MLflow makes 500, sometimes with a page.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flowship.mlflow_seams.reading.requests import TOO_DEEP

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Nesting:
    """Answers in place of an app that went too deep; what Flask answers itself is not seen here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        failure: list[Message] = []
        """An answer 500, which Starlette sends before it raises what led to it."""
        began = False

        async def send_on(message: Message) -> None:
            nonlocal began
            failed = message["type"] == "http.response.start" and message["status"] == HTTPStatus.INTERNAL_SERVER_ERROR
            if failure or (failed and not began):
                failure.append(message)
            else:
                began = True
                await send(message)

        try:
            await self._app(scope, receive, send_on)
        except RecursionError:
            if began:
                raise
            failure = _answer()
        finally:
            for message in failure:
                await send(message)


def _answer() -> list[Message]:
    body = TOO_DEEP.encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    return [
        {"type": "http.response.start", "status": int(HTTPStatus.BAD_REQUEST), "headers": headers},
        {"type": "http.response.body", "body": body},
    ]
