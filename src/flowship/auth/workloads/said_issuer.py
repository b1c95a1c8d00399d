"""Whom a token says to have issued it.

Who has issued a token is not verified here, only whether it says one whom the values trust: other tokens, such as those
that a proxy in front adds, are left to other entrances, and nobody is asked about them.
"""

from __future__ import annotations

import base64
import json
import re

LONGEST = 16 * 1024
"""Characters of a token; those of GitHub and GitLab have two thousand."""
_SHAPE = re.compile(r"eyJ[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+")
"""A signed token: a JSON object, a second one, and a signature, each in base64."""


def issuer_of(token: str) -> str | None:
    """Tell whom a token says to have issued it, which may be a lie; None for what is no token."""
    if len(token) > LONGEST or (parts := _SHAPE.fullmatch(token)) is None:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(f"{parts[1]}=="))
    except (ValueError, RecursionError):  # the last for brackets in brackets, thousands deep
        return None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return issuer if isinstance(issuer, str) else None
