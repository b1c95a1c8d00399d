"""Where a request names its user and password: the header of Basic authentication, as MLflow looks for it."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Claim, Entrance, Identity, Verified
from flowship.auth.gate import basic_header

if TYPE_CHECKING:
    from flowship.auth.authenticator import Credentials, Outcome, Scope
    from flowship.auth.gateway import Gateway

AUTHORIZATION = b"authorization"


class BasicClaims:
    """Reads the Basic header that counts for a request's path."""

    def __init__(self, gateway: Gateway | None = None) -> None:
        self._gateway = gateway

    def __call__(self, scope: Scope) -> Claim | None:
        """Give the claim of a request, or None if it has another kind of header, or none."""
        first: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            first.setdefault(name.lower(), value)
        names = [AUTHORIZATION]
        if self._gateway and scope["path"].startswith(self._gateway.path):
            names.insert(0, self._gateway.header)
        for name in names:
            if value := first.get(name):  # an empty one counts as none, as for MLflow
                return Claim(name, basic_header.credentials(value), name) if basic_header.is_basic(value) else None
        return None


class _Trusting:
    """Takes credentials for right that the claim's reader has compared already."""

    def remembered(self, credentials: Credentials) -> Identity | None:
        del credentials
        return None

    async def authenticate(self, credentials: Credentials, address: str) -> Outcome:
        del address
        return Verified(Identity(credentials.username))


def entrance_of_jobs(gateway: Gateway) -> Entrance:
    """Make the entrance of MLflow's own jobs, which act for any user on the gateway's paths with a password that
    the server made."""
    claims = BasicClaims(gateway)

    def read(scope: Scope) -> Claim | None:
        if not gateway.token or not scope["path"].startswith(gateway.path):
            return None
        claim = claims(scope)
        if claim is None or claim.credentials is None:
            return None
        right = hmac.compare_digest(claim.credentials.password.encode(), gateway.token.encode())
        return claim if right else None

    return Entrance(read, _Trusting())
