"""Where a request shows a token of an issuer: `Authorization: Bearer`, or the place of the password, for old clients.

Who has issued a token is not verified here, only whether it says one whom the values trust: other tokens, such as those
that a proxy in front adds, are left to other entrances, and nobody is asked about them.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Claim, Credentials
from flowship.auth.gate.basic_claims import AUTHORIZATION, BasicClaims
from flowship.auth.gate.bearer_header import bearer

if TYPE_CHECKING:
    from collections.abc import Container

    from flowship.auth.authenticator import Scope
    from flowship.auth.gate.basic_claims import Gateway

LONGEST = 16 * 1024
"""Characters of a token; those of GitHub and GitLab have two thousand."""
_SHAPE = re.compile(r"eyJ[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+")
"""A signed token: a JSON object, a second one, and a signature, each in base64."""


class WorkloadClaims:
    """Reads the token of a request that says to be one of these issuers'."""

    def __init__(self, issuers: Container[str], gateway: Gateway | None = None) -> None:
        self._issuers = issuers
        self._basic = BasicClaims(gateway)

    def __call__(self, scope: Scope) -> Claim | None:
        """Give the claim of a request, or None if it shows no token of theirs."""
        claim = self._basic(scope)
        if claim is not None:
            found = claim.credentials
            return claim if found and issuer_of(found.password) in self._issuers else None
        token = bearer(scope)
        return Claim(AUTHORIZATION, Credentials("", token)) if issuer_of(token) in self._issuers else None


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
