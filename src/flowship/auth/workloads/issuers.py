"""The issuers that the values trust, and their keys: given by the values, in a file, or published by the issuer."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowship.auth.methods.oidc.provider.asking import LARGEST, Answer, Named, Provider, is_safe
from flowship.auth.methods.oidc.provider.discovery import ALGORITHMS
from flowship.auth.methods.oidc.provider.errors import ProviderSetupError
from flowship.auth.methods.oidc.provider.keys import Keys
from flowship.auth.methods.oidc.provider.signed_token import BadTokenError, check_times, signed
from flowship.values.model.server.oidc import WELL_KNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.workloads.settings import Source

TIMEOUT = 5.0
"""Seconds for an answer of an issuer; whoever comes with a token of an issuer waits for it."""
OK = 200
NAMED = Named("oidcAuth.workloads[].issuer", "oidcAuth.workloads[].issuerCA")


class Issuer:
    """Verifies tokens of one issuer. Made in each worker, after the fork; used by many threads."""

    def __init__(
        self,
        source: Source,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._name, self._now = source.issuer, now
        self.keys = Keys(_asking(source, clock), clock)

    def verified(self, token: str) -> tuple[dict[str, Any], float]:
        """Give the claims of a token, and for how many seconds it is valid.

        Raises:
            BadTokenError: it is none of this issuer's that is valid now.
            ProviderError: the issuer's keys cannot be had.
        """
        claims = signed(token, self.keys, ALGORITHMS)
        if claims.get("iss") != self._name:
            raise BadTokenError("is another issuer's")
        now = self._now()
        return claims, max(0.0, check_times(claims, now) - now)


def _asking(source: Source, clock: Callable[[], float]) -> Callable[[], Answer]:
    if source.jwks:
        return lambda: Answer("oidcAuth.workloads[].jwks", OK, source.jwks.encode(), NAMED)
    if source.file:
        return lambda: _read(Path(source.file))
    provider = Provider(source.ca, TIMEOUT, named=NAMED, clock=clock)
    return lambda: _published(source.issuer, provider)


def _read(file: Path) -> Answer:
    try:
        with file.open("rb") as opened:
            found = opened.read(LARGEST + 1)
    except OSError as error:
        raise ProviderSetupError(
            f"{file} cannot be read ({error.strerror}); mount it, or correct oidcAuth.workloads[].jwksFile"
        ) from error
    if len(found) > LARGEST:
        raise ProviderSetupError(f"{file} has more than {LARGEST} bytes")
    return Answer(str(file), OK, found, Named("oidcAuth.workloads[].jwksFile", NAMED.ca))


def _published(issuer: str, provider: Provider) -> Answer:
    """Ask for the keys, at the address that the issuer's discovery document names now."""
    url = f"{issuer.rstrip('/')}{WELL_KNOWN}"
    document = _found(provider, url).document()
    if document.get("issuer") != issuer:
        raise ProviderSetupError(f"{url} is another issuer's; write the issuer as its tokens have it in `iss`")
    keys = document.get("jwks_uri")
    if not isinstance(keys, str) or not is_safe(keys):
        raise ProviderSetupError(
            f"{url} names no jwks_uri that is https or on this machine; give the keys in oidcAuth.workloads[].jwks"
        )
    return _found(provider, keys)


def _found(provider: Provider, url: str) -> Answer:
    answer = provider.get(url)
    if answer.status != OK:
        raise ProviderSetupError(
            f"{url} answers {answer.status}; where only those who sign in may read it, as on Kubernetes, give the keys "
            "in oidcAuth.workloads[].jwks or jwksFile"
        )
    return answer
