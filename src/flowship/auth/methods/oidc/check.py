"""Tries a provider, for `flowship check --live`: each check says in a sentence whether something works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.methods.oidc.members.logging_in import LoggingIn
from flowship.auth.methods.oidc.provider.errors import LogInRefusedError, ProviderError
from flowship.check import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowship.auth.methods.oidc.provider.keys import Keys
    from flowship.auth.methods.oidc.provider.settings import ProviderSettings

NO_CODE = "flowship-check"
"""Sent as a code, which no provider has given: the client's secret is looked at before it."""


def checks(settings: ProviderSettings) -> Iterator[Check]:
    """Try the discovery document, the keys, and whether the provider knows this client."""
    logging_in = LoggingIn(settings)
    try:
        provider = logging_in.discovered()
    except ProviderError as error:
        yield Check(False, f"oidcAuth: {error}")
        return
    yield Check(True, f"oidcAuth: {settings.discovery_url} is the discovery document of {provider.issuer}")
    yield check_of_keys(logging_in.keys(), provider.jwks_uri, place="oidcAuth")
    yield _client(logging_in)
    if not provider.end_session_endpoint:
        yield Check(True, "oidcAuth: the provider offers no log-out, so who logs out here stays signed in there")


def check_of_keys(keys: Keys, where: str, *, place: str) -> Check:
    """Tell whether tokens can be verified with the keys that are found there, as the values say in this place."""
    try:
        found = len(keys.all())
    except ProviderError as error:
        return Check(False, f"{place}: {error}")
    if not found:
        return Check(False, f"{place}: {where} has no key of RSA or EC to verify tokens with; add one there")
    return Check(True, f"{place}: {where} has {found} key{'' if found == 1 else 's'} for signatures")


def _client(logging_in: LoggingIn) -> Check:
    try:
        logging_in.try_code(NO_CODE)
    except LogInRefusedError:
        return Check(True, "oidcAuth: the provider knows oidcAuth.clientId with its secret")
    except ProviderError as error:
        return Check(False, f"oidcAuth: {error}")
    return Check(False, "oidcAuth: the provider gives tokens for a code that nobody was given; do not use it")
