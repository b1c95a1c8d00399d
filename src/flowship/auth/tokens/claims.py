"""Where a request shows a token: `Authorization: Bearer`, or the place of the password, for old clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.authenticator import Claim, Credentials
from flowship.auth.gate.basic_claims import AUTHORIZATION, BasicClaims
from flowship.auth.gate.bearer_header import bearer
from flowship.auth.tokens.tokens import SHAPE

if TYPE_CHECKING:
    from flowship.auth.authenticator import Scope
    from flowship.auth.gate.basic_claims import Gateway


class TokenClaims:
    """Reads the token of a request; what has another shape is left to other entrances."""

    def __init__(self, gateway: Gateway | None = None) -> None:
        self._basic = BasicClaims(gateway)

    def __call__(self, scope: Scope) -> Claim | None:
        """Give the claim of a request, or None if it shows no token of ours."""
        claim = self._basic(scope)
        if claim is not None:
            found = claim.credentials
            return claim if found and SHAPE.fullmatch(found.password) else None
        token = bearer(scope)
        return Claim(AUTHORIZATION, Credentials("", token)) if SHAPE.fullmatch(token) else None
