"""Whether an id token is the provider's, for us, for this log-in, and now."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowship.auth.methods.oidc.provider.signed_token import BadTokenError, check_times, signed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowship.auth.methods.oidc.provider.keys import Keys

GOOGLE = {"https://accounts.google.com": ("accounts.google.com",)}
"""Other names under which an issuer writes: Google documents both of its own."""


@dataclass(frozen=True)
class Expected:
    """What an id token must say."""

    issuer: str
    client_id: str
    algorithms: tuple[str, ...]
    nonce: str | None
    """The nonce of the log-in that was begun here; None where none was, as for what a refresh brings: that answer can
    only be to the refresh token that was sent."""


def verified(token: str, keys: Keys, expected: Expected, now: Callable[[], float] = time.time) -> dict[str, Any]:
    """Give the claims of an id token.

    Raises:
        BadTokenError: it is not one for this log-in.
        ProviderError: the keys cannot be asked for.
    """
    claims = signed(token, keys, expected.algorithms)
    _check_parties(claims, expected)
    check_times(claims, now())
    if expected.nonce is not None and claims.get("nonce") != expected.nonce:
        raise BadTokenError("is not for this log-in: its nonce is another one")
    return claims


def _check_parties(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") not in (expected.issuer, *GOOGLE.get(expected.issuer, ())):
        raise BadTokenError("is another issuer's")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise BadTokenError("does not say whom it is about")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if expected.client_id not in audiences:
        raise BadTokenError("is for another client than oidcAuth.clientId")
    party = claims.get("azp")
    if party != expected.client_id and (party is not None or len(audiences) > 1):
        raise BadTokenError("was issued to another client than oidcAuth.clientId")
