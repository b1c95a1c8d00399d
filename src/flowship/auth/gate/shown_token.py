"""Where a request shows a token: `Authorization: Bearer`, or the place of the password, for old clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.authenticator import Claim, Credentials
from flowship.auth.gate.basic_claims import AUTHORIZATION, BasicClaims
from flowship.auth.gate.bearer_header import bearer

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.authenticator import Scope
    from flowship.auth.gateway import Gateway


class ShownToken:
    """Reads the token of a request, if `is_ours` takes it for one of this kind; others are left to other entrances."""

    def __init__(self, is_ours: Callable[[str], object], gateway: Gateway | None = None) -> None:
        self._is_ours = is_ours
        self._basic = BasicClaims(gateway)

    def __call__(self, scope: Scope) -> Claim | None:
        """Give the claim of a request, or None if it shows no token of this kind."""
        claim = self._basic(scope)
        if claim is None:
            claim = Claim(AUTHORIZATION, Credentials("", bearer(scope)))
        shown = claim.credentials
        return claim if shown and self._is_ours(shown.password) else None
