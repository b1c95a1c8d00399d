"""503 with `Retry-After` where the database was too busy, or away, for a request: clients come again then.

MLflow answers some of these by 503, others by 500, and refused spans by 422, after which no client tries again.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flowship.database.served import busy

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECONDS = b"2"

SPANS = "/v1/traces"


class RetryAfter:
    """Looks at answers that failed, and asks whether the database was why."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request = busy.Request()

        async def send_on(message: Message) -> None:
            if request.met_busy_database and message["type"] == "http.response.start" and _failed(message, scope):
                headers = [pair for pair in message["headers"] if pair[0].lower() != b"retry-after"]
                message = {
                    **message,
                    "status": int(HTTPStatus.SERVICE_UNAVAILABLE),
                    "headers": [*headers, (b"retry-after", SECONDS)],
                }
            await send(message)

        token = busy.CURRENT.set(request)
        try:
            await self._app(scope, receive, send_on)
        finally:
            busy.CURRENT.reset(token)


def _failed(message: Message, scope: Scope) -> bool:
    status = int(message["status"])
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return str(scope["path"]).endswith(SPANS)
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR
