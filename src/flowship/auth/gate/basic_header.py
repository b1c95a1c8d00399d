"""Credentials in an HTTP header: Basic, as RFC 7617 has it."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache

from flowship.auth.authenticator import Credentials

LONGEST_NAME = 255
"""Characters that MLflow's table of users can hold."""
NAMES = 1_000
"""Users whose header without a password is remembered."""


def is_basic(header: bytes) -> bool:
    """Tell whether a header holds credentials of the Basic scheme."""
    return header[:6].lower() == b"basic "


def credentials(header: bytes) -> Credentials | None:
    """Read the credentials in a Basic header, or None if nobody can have these.

    UTF-8, as MLflow's client and browsers send it, else Latin-1, as `requests` does.
    """
    try:
        decoded = base64.b64decode(header[6:].strip(), validate=True)
    except binascii.Error:
        return None
    try:
        text = decoded.decode()
    except UnicodeDecodeError:
        text = decoded.decode("latin-1")
    username, _, password = text.partition(":")
    return usable(username, password)


def usable(username: str, password: str) -> Credentials | None:
    """Give a name and password as credentials, or None if nobody can have such a name."""
    if not username or len(username) > LONGEST_NAME or "\0" in username:
        return None
    return Credentials(username, password)


@lru_cache(NAMES)
def basic(username: str) -> bytes:
    """Write a Basic header that names a user and holds no password."""
    return b"Basic " + base64.b64encode(f"{username}:".encode())
