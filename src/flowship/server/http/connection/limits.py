"""How large the head of a request may be, and how long a connection may say nothing.

A head is what comes before the body: the request's target and its headers. MLflow's own clients send some hundred
bytes; the rest is for proxies, tokens and cookies.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

HEADERS = 200
"""Headers that a request may have."""
HEADER_BYTES = 64 * 1024
"""Bytes of all of them, with what separates them."""
SEPARATORS = len(": \r\n")
TARGET_BYTES = 16 * 1024
"""Bytes of the path with its query."""
PIPELINED = 32
"""Requests that a client may send before the first of them is answered; hardly any sends a second."""

HEAD_SECONDS = 30.0
"""Seconds until the head is complete, or TLS is agreed on, from the first byte or the beginning of the connection."""
BODY_SECONDS = 60.0
"""Seconds for which a body may pause while the server waits for it; it may take as long as it likes."""
LINGER_SECONDS = 5.0
"""Seconds for which a refused client is still listened to: it would lose an answer to a closed connection."""
UNREAD_SECONDS = 30.0
"""Seconds that a client may take to send the rest of a body that nobody has read, after its answer."""


@dataclass(frozen=True)
class Refusal:
    """Says why a request is answered here, and nothing behind the limits sees it."""

    status: HTTPStatus
    sentence: str
    """What the client is told."""


class Refused(Exception):  # noqa: N818 - an outcome, as in `accepted or refused`
    """A request breaks a limit: raised where the parser calls, to stop it."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.sentence)


NO_HTTP = Refusal(HTTPStatus.BAD_REQUEST, "Invalid HTTP request received.")
TOO_MANY_HEADERS = Refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"The request has more than {HEADERS} headers. Send fewer."
)
TOO_LARGE_HEADERS = Refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    f"The headers of the request are larger than {HEADER_BYTES // 1024} KiB. Send smaller ones; in a browser, cookies "
    "for this host may be the cause.",
)
TOO_LONG_TARGET = Refusal(
    HTTPStatus.REQUEST_URI_TOO_LONG,
    f"The path of the request with its query is longer than {TARGET_BYTES // 1024} KiB. Send a shorter one.",
)
TOO_MANY_PIPELINED = Refusal(
    HTTPStatus.TOO_MANY_REQUESTS, f"More than {PIPELINED} requests wait on this connection. Wait for their answers."
)
TOO_SLOW = Refusal(
    HTTPStatus.REQUEST_TIMEOUT, f"The headers of the request were not complete after {HEAD_SECONDS:g} seconds."
)
STALLED = Refusal(HTTPStatus.REQUEST_TIMEOUT, f"Nothing of the body has arrived for {BODY_SECONDS:g} seconds.")
