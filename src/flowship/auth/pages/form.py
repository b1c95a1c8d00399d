"""What a form of our pages sends, read whole before anything is done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping
    from typing import Any

    from flowship.auth.authenticator import Scope

    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

LARGEST = 16_384
"""Bytes of a form; a password of 1,000 characters takes at most 12,000."""
FIELDS = 20


class FormError(Exception):
    """Says that this is no form of ours; the message tells why."""


async def read_form(scope: Scope, receive: Receive) -> dict[str, str]:
    """Read the fields of a form, each of which may be there once.

    Raises:
        FormError: it is none of ours.
    """
    kind = b"".join(value for name, value in scope["headers"] if name.lower() == b"content-type")
    if kind.partition(b";")[0].strip().lower() != b"application/x-www-form-urlencoded":
        raise FormError("This is not the form of the page. Load the page again.")
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise FormError("The form did not arrive whole.")
        body += message.get("body", b"")
        if len(body) > LARGEST:
            raise FormError("The form is too large. Write a shorter name or password.")
        if not message.get("more_body"):
            break
    return fields(body)


def fields(body: bytes) -> dict[str, str]:
    """Take a form apart.

    Raises:
        FormError: it is none of ours.
    """
    try:
        found = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=FIELDS)
    except ValueError as error:
        raise FormError("The form cannot be read. Load the page again.") from error
    if len(dict(found)) != len(found):
        raise FormError("The form says something twice. Load the page again.")
    return dict(found)
