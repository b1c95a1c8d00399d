"""The entrance of MLflow's own jobs, which act for any user on the gateway's paths."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Claim, Entrance, Identity, Verified
from flowship.auth.gate.shown_secret import ShownSecret

if TYPE_CHECKING:
    from flowship.auth.authenticator import Credentials, Outcome, Scope
    from flowship.auth.gateway import Gateway


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
    shown = ShownSecret(gateway)

    def read(scope: Scope) -> Claim | None:
        if not gateway.token or not scope["path"].startswith(gateway.path):
            return None
        claim = shown(scope)
        if claim is None or claim.is_bearer or claim.credentials is None:
            return None
        right = hmac.compare_digest(claim.credentials.password.encode(), gateway.token.encode())
        return claim if right else None

    return Entrance(read, _Trusting())
