"""Whether a token is signed with one of an issuer's keys, and valid now. What it says of whom is for its readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from joserfc import jws, jwt
from joserfc.errors import JoseError

from flowship.auth.methods.oidc.provider.errors import LogInRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.auth.methods.oidc.provider.keys import Keys

SKEW = 60
"""Seconds by which the issuer's clock may differ from ours."""
LONGEST = 64 * 1024
"""Characters of a token; those of users in hundreds of groups take a quarter of it."""

NOT_VERIFIED = (
    "The provider's answer could not be verified, so you are not logged in. Try again; if it stays so, tell an "
    "administrator."
)


class BadTokenError(LogInRefusedError):
    """Says that a token is refused; `what` tells why, as the rest of a sentence, without what the token holds."""

    def __init__(self, what: str) -> None:
        super().__init__(NOT_VERIFIED, f"the id token {what}")
        self.what = what


def signed(token: str, keys: Keys, algorithms: tuple[str, ...]) -> dict[str, Any]:
    """Give the claims of a token that one of these keys has signed by one of these algorithms.

    Raises:
        BadTokenError: there is no such token.
        ProviderError: the keys cannot be asked for.
    """
    if len(token) > LONGEST:
        raise BadTokenError(f"has more than {LONGEST} characters")
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError, RecursionError):  # the last for brackets in brackets, thousands deep
        raise BadTokenError("is none") from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in algorithms:
        raise BadTokenError("is not signed in a way that the provider has named, or that is safe")
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


def check_times(claims: Mapping[str, Any], now: float) -> float:
    """Give until when a token is valid that is so now. Raises BadTokenError."""
    expires, issued, begins = (_number(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None or issued is None:
        raise BadTokenError("does not say when it was issued, or until when it is valid")
    if now >= expires + SKEW:
        raise BadTokenError("has expired; see whether this machine's clock is right")
    if max(issued, begins or 0) > now + SKEW:
        raise BadTokenError("is not valid yet; see whether this machine's clock is right")
    return expires


def _number(claims: Mapping[str, Any], name: str) -> float | None:
    found = claims.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float) or not abs(found) < 1e12:
        raise BadTokenError(f"has a {name} that is no time")
    return found
