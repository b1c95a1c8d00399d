"""What proxies say of a request, believed only of those that `trustedProxies` names.

Nothing else decides it, neither for the log and for failed log-ins nor for MLflow: without a trusted proxy the headers
are taken away, so that nothing behind can believe them. An address of this machine is trusted no more than others:
sidecars and forwarded ports come from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.requests import client
from flowship.server.http.addresses.client_address import client_address, is_trusted, networks
from flowship.server.http.addresses.memory import remember_short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

FOR = b"x-forwarded-for"
PROTO = b"x-forwarded-proto"
SAID_BY_PROXIES = frozenset(
    {FOR, PROTO, b"forwarded", b"x-forwarded-host", b"x-forwarded-port", b"x-forwarded-prefix", b"x-real-ip"}
)
SCHEMES = frozenset({"http", "https"})

PEERS = 1_000
"""Peers of which it is remembered whether they are trusted."""


class Forwarded:
    """Sets the client and scheme of requests of trusted proxies, and makes those of others what they are."""

    def __init__(self, app: ASGIApp, trusted_proxies: Sequence[str]) -> None:
        self._app = app
        self._trusted = networks(trusted_proxies)
        self._is_trusted = remember_short(lambda peer: is_trusted(peer, self._trusted), PEERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not SAID_BY_PROXIES.isdisjoint(name for name, _ in scope["headers"]):
            self._rewrite(scope)
        await self._app(scope, receive, send)

    def _rewrite(self, scope: Scope) -> None:
        """Change the request's scope itself, so that what is in front logs the same client."""
        peer = client(scope)
        if not self._is_trusted(peer):
            scope["headers"] = [header for header in scope["headers"] if header[0] not in SAID_BY_PROXIES]
            return
        if addresses := _values(scope, FOR):
            scope["client"] = (client_address(peer, addresses, self._trusted), 0)
        if (schemes := _values(scope, PROTO)) and (scheme := schemes[-1].strip().lower()) in SCHEMES:
            scope["scheme"] = scheme


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for found, value in scope["headers"] if found == name]
