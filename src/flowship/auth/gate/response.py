"""What a client is told that is not let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.authenticator import Forbidden, Slowed, Unavailable
from flowship.mlflow_seams.auth.users import UNAUTHENTICATED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping
    from typing import Any

    from flowship.auth.authenticator import Outcome

UNAVAILABLE = "Your user and password cannot be verified at the moment. Try again later."
SLOWED = "There were too many failed log-ins with this user or from your address. Try again later."


async def answer(outcome: Outcome, send: Callable[[MutableMapping[str, Any]], Awaitable[None]]) -> None:
    """Answer a request whose credentials were not verified."""
    status, text, extra = _answer(outcome)
    body = text.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *extra,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _answer(outcome: Outcome) -> tuple[int, str, list[tuple[bytes, bytes]]]:
    match outcome:
        case Forbidden(sentence):
            return 403, sentence, []
        case Unavailable(seconds):
            return 503, UNAVAILABLE, [(b"retry-after", str(seconds).encode())]
        case Slowed(seconds):
            return 429, SLOWED, [(b"retry-after", str(seconds).encode())]
    return 401, UNAUTHENTICATED, [(b"www-authenticate", b'Basic realm="mlflow"')]
