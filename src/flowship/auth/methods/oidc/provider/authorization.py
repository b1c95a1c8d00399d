"""How a browser is sent to the provider: the request for a code, with what shows later that it is this log-in's."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

if TYPE_CHECKING:
    from flowship.auth.methods.oidc.provider.discovery import Discovered
    from flowship.auth.methods.oidc.provider.settings import ProviderSettings


LONGEST_HINT = 4000
"""Characters of an id token that fits into an address; without it, the provider asks the user."""


def _random() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class LogIn:
    """A log-in that was begun, of which nothing can be guessed."""

    state: str = field(default_factory=_random, repr=False)
    """Comes back with the code, and finds this log-in."""
    browser: str = field(default_factory=_random, repr=False)
    """In a cookie of the browser that began it, so that a code that somebody else was given is of no use in it."""
    nonce: str = field(default_factory=_random, repr=False)
    """Comes back in the id token, which is then no other log-in's."""
    verifier: str = field(default_factory=_random, repr=False)
    """Proves to the provider that the code was asked for here (PKCE); goes only there."""


def challenge(verifier: str) -> str:
    """Give what the provider is told of a verifier beforehand (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def address(provider: Discovered, settings: ProviderSettings, log_in: LogIn, redirect_uri: str) -> str:
    """Give the address at the provider to which a browser is sent."""
    asked = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(settings.scopes),
        "state": log_in.state,
        "nonce": log_in.nonce,
        "code_challenge": challenge(log_in.verifier),
        "code_challenge_method": "S256",
    }
    if settings.audience:
        asked["audience"] = settings.audience
    return with_query(provider.authorization_endpoint, asked)


def logout_address(provider: Discovered, settings: ProviderSettings, id_token: str, back: str) -> str:
    """Give the address at the provider that ends its session too; empty if it offers none."""
    if not provider.end_session_endpoint:
        return ""
    asked = {"client_id": settings.client_id, "post_logout_redirect_uri": back}
    if id_token and len(id_token) <= LONGEST_HINT:
        asked["id_token_hint"] = id_token
    return with_query(provider.end_session_endpoint, asked)


def with_query(url: str, more: dict[str, str]) -> str:
    """Add to the query of an address, which may have one."""
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *more.items()])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
