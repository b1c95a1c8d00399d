"""Whether an id token is the provider's, for us, for this log-in, and now."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from joserfc import jws, jwt
from joserfc.errors import JoseError

from flowship.auth.methods.oidc.provider.errors import LogInRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowship.auth.methods.oidc.provider.keys import Keys

SKEW = 60
"""Seconds by which the provider's clock may differ from ours."""
LONGEST = 64 * 1024
"""Characters of a token; those of users in hundreds of groups take a quarter of it."""

REFUSED = (
    "The provider's answer could not be verified, so you are not logged in. Try again; if it stays so, tell an "
    "administrator."
)

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


class BadTokenError(LogInRefusedError):
    """Says that a token is refused; the detail tells why, without what the token holds."""

    def __init__(self, detail: str) -> None:
        super().__init__(REFUSED, f"the id token {detail}")


def verified(token: str, keys: Keys, expected: Expected, now: Callable[[], float] = time.time) -> dict[str, Any]:
    """Give the claims of an id token.

    Raises:
        BadTokenError: it is not one for this log-in.
        ProviderError: the keys cannot be asked for.
    """
    claims = _signed(token, keys, expected.algorithms)
    _check_parties(claims, expected)
    _check_times(claims, now())
    if expected.nonce is not None and claims.get("nonce") != expected.nonce:
        raise BadTokenError("is not for this log-in: its nonce is another one")
    return claims


def _signed(token: str, keys: Keys, algorithms: tuple[str, ...]) -> dict[str, Any]:
    if len(token) > LONGEST:
        raise BadTokenError(f"has more than {LONGEST} characters")
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError):
        raise BadTokenError("is none") from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in algorithms:
        raise BadTokenError("is not signed in a way that the provider's discovery document names")
    if "crit" in header or not (kid is None or isinstance(kid, str)):
        raise BadTokenError("has a header that is not understood")
    candidates = keys.fitting(algorithm, kid)
    if not candidates:
        raise BadTokenError("is signed with a key that the provider does not publish")
    for key in candidates:
        try:
            return jwt.decode(token, key, algorithms=[algorithm]).claims
        except (JoseError, ValueError):
            continue
    raise BadTokenError("has a signature that is not the provider's")


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


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    expires, issued, begins = (_number(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None or issued is None:
        raise BadTokenError("does not say when it was issued, or until when it is valid")
    if now >= expires + SKEW:
        raise BadTokenError("has expired; see whether this machine's clock is right")
    if max(issued, begins or 0) > now + SKEW:
        raise BadTokenError("is not valid yet; see whether this machine's clock is right")


def _number(claims: Mapping[str, Any], name: str) -> float | None:
    found = claims.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float) or not abs(found) < 1e12:
        raise BadTokenError(f"has a {name} that is no time")
    return found
