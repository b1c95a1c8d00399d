"""Where a request names its session: the cookie, of which nothing goes further than the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.authenticator import Claim, Credentials
from flowship.auth.gate.shown_secret import AUTHORIZATION
from flowship.auth.sessions.cookies import COOKIE

if TYPE_CHECKING:
    from flowship.auth.authenticator import Scope
    from flowship.auth.gateway import Gateway
    from flowship.auth.sessions.cookies import Cookies


class SessionClaims:
    """Reads the session's cookie of a request."""

    def __init__(self, cookies: Cookies, gateway: Gateway | None = None) -> None:
        self._cookies = cookies
        self._gateway = gateway

    def __call__(self, scope: Scope) -> Claim | None:
        """Give the claim of a request, or None if it has no cookie of ours."""
        found = self._cookies.find(scope)
        if not found.any:
            return None
        credentials = credentials_of(found.id) if found.id and found.shown else None
        return Claim(COOKIE, credentials, self._named_in(scope), left=self._cookies.without(scope), ambient=True)

    def _named_in(self, scope: Scope) -> bytes:
        """On the gateway's paths `Authorization` may hold the key of a provider, which goes on."""
        if self._gateway and scope["path"].startswith(self._gateway.path):
            return self._gateway.header
        return AUTHORIZATION


def credentials_of(id: str) -> Credentials:  # noqa: A002 - what a session has
    """Give a session's id as what is verified: it tells by itself whose it is."""
    return Credentials("", id)
