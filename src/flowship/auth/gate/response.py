"""What a client is told that is not let in."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Forbidden, Slowed, Unavailable
from flowship.auth.responding import respond
from flowship.mlflow_seams.auth.users import UNAUTHENTICATED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping, Sequence
    from typing import Any

    from flowship.auth.authenticator import Outcome

UNAVAILABLE = "Your user and password cannot be verified at the moment. Try again later."
SLOWED = "There were too many failed log-ins with this user or from your address. Try again later."


BASIC = b'Basic realm="mlflow"'
"""How a program is asked for a name and password; a browser asks for them in a window of its own."""
QUIET = b'Bearer realm="mlflow"'
"""How the pages are asked of a browser that has signed in by the login page before: it opens no window."""


async def answer(
    outcome: Outcome,
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    *,
    challenge: bytes = BASIC,
    more: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    """Answer a request whose credentials were not verified, with `more` headers."""
    status, text, extra = told(outcome)
    if status == HTTPStatus.UNAUTHORIZED:
        extra = [(b"www-authenticate", challenge)]
    await respond(send, status, text.encode(), more=[*extra, *more])


def told(outcome: Outcome) -> tuple[int, str, list[tuple[bytes, bytes]]]:
    """Give the status, the sentence and the headers by which an outcome is told that lets nobody in."""
    match outcome:
        case Forbidden(sentence):
            return 403, sentence, []
        case Unavailable(seconds):
            return 503, UNAVAILABLE, [(b"retry-after", str(seconds).encode())]
        case Slowed(seconds):
            return 429, SLOWED, [(b"retry-after", str(seconds).encode())]
    return 401, UNAUTHENTICATED, []
