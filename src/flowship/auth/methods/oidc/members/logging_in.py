"""One log-in by way of the provider, from the code that a browser brings to who it is and what that user may do."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from flowship.auth.methods.oidc.members import claims as said
from flowship.auth.methods.oidc.provider import id_token
from flowship.auth.methods.oidc.provider.asking import Provider
from flowship.auth.methods.oidc.provider.authorization import LogIn
from flowship.auth.methods.oidc.provider.discovery import discovered
from flowship.auth.methods.oidc.provider.errors import LogInRefusedError
from flowship.auth.methods.oidc.provider.exchange import REFUSED, TokenEndpoint
from flowship.auth.methods.oidc.provider.keys import Keys
from flowship.auth.methods.oidc.provider.signed_token import NOT_VERIFIED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowship.auth.methods.oidc.members.claims import Rights
    from flowship.auth.methods.oidc.provider.discovery import Discovered
    from flowship.auth.methods.oidc.provider.exchange import Tokens
    from flowship.auth.methods.oidc.provider.settings import ProviderSettings

DISCOVERED_FOR = 3600.0
"""Seconds for which a provider's discovery document is taken for right."""


@dataclass(frozen=True)
class Account:
    """A user at a provider: nobody else has, or gets, this pair (OpenID Connect Core, 5.7)."""

    issuer: str
    subject: str


@dataclass(frozen=True)
class Arrived:
    """A user whom the provider has let in, and what is kept to ask for the user again."""

    account: Account
    username: str
    rights: Rights
    refresh_token: str = field(repr=False)
    id_token: str = field(repr=False)


class _Discovery(NamedTuple):
    """What is known of the provider, and since when."""

    provider: Discovered
    keys: Keys
    since: float


class LoggingIn:
    """Asks one provider for its users. Made in each worker, after the fork; used by many threads."""

    def __init__(
        self,
        settings: ProviderSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self._provider = Provider(settings.ca, settings.timeout, clock=clock)
        self._clock, self._now = clock, now
        self._lock = threading.Lock()
        self._known: _Discovery | None = None

    def discovered(self) -> Discovered:
        """Give what the provider says of itself. Raises ProviderError."""
        return self._current().provider

    def keys(self) -> Keys:
        """Give the keys with which the provider signs. Raises ProviderError."""
        return self._current().keys

    def try_code(self, code: str) -> None:
        """Send a code as a log-in does. Raises as `arrived`."""
        self._endpoint().of_code(code, LogIn().verifier, self.settings.redirect_uri or "http://localhost/callback")

    def arrived(self, code: str, log_in: LogIn, redirect_uri: str) -> Arrived:
        """Finish a log-in with the code that its browser has brought.

        Raises:
            LogInRefusedError: this user may not come in; the sentence says why.
            ProviderError: the provider cannot say.
        """
        tokens = self._endpoint().of_code(code, log_in.verifier, redirect_uri)
        claims = self._verified(tokens.id_token, log_in.nonce)
        return self._user(self._completed(claims, tokens), tokens)

    def asked_again(self, account: Account, refresh_token: str, replaced: Callable[[str], None]) -> Arrived:
        """Ask what the user may do now, by the refresh token of an earlier log-in. `replaced` is given the one that the
        provider takes from then on, before anything else can fail.

        Raises:
            LogInRefusedError: the user may not come in any more, or the provider wants the user to log in again.
            ProviderError: the provider cannot say.
        """
        tokens = self._endpoint().refreshed(refresh_token)
        if tokens.refresh_token:
            replaced(tokens.refresh_token)
        if tokens.id_token:
            claims = self._completed(self._verified(tokens.id_token, None), tokens)
        else:
            claims = self._user_info(tokens.access_token, account.subject)
        user = self._user(claims, tokens)
        if user.account != account:
            raise LogInRefusedError(REFUSED, "the provider answers a refresh token with another user")
        return user

    def _user(self, claims: Mapping[str, Any], tokens: Tokens) -> Arrived:
        settings = self.settings
        rights = said.rights(said.groups(claims, settings.groups_claim), settings)
        return Arrived(
            Account(self.discovered().issuer, claims["sub"]),
            said.username(claims, settings.name_claim),
            rights,
            tokens.refresh_token,
            tokens.id_token,
        )

    def _verified(self, token: str, nonce: str | None) -> dict[str, Any]:
        provider, keys, _ = self._current()
        expected = id_token.Expected(provider.issuer, self.settings.client_id, provider.algorithms, nonce)
        return id_token.verified(token, keys, expected, self._now)

    def _completed(self, claims: dict[str, Any], tokens: Tokens) -> dict[str, Any]:
        """Add what the provider says only when it is asked for the user, as Okta does with many claims."""
        settings = self.settings
        missing = [each for each in (settings.groups_claim, settings.name_claim) if said.found(claims, each) is None]
        if not missing or said.has_overage(claims, settings.groups_claim) or not tokens.access_token:
            return claims
        return {**self._user_info(tokens.access_token, claims["sub"]), **claims}

    def _user_info(self, access_token: str, subject: str) -> dict[str, Any]:
        """Give what the provider says of the user whom an access token is for; nothing where it says nothing."""
        url = self.discovered().userinfo_endpoint
        if not url or not access_token:
            return {"sub": subject}
        answer = self._provider.get(url, bearer=access_token)
        if answer.status in {401, 403}:
            return {"sub": subject}
        found = answer.document()
        if found.get("sub") != subject:  # OpenID Connect Core, 5.3.2: it may be another user's
            raise LogInRefusedError(NOT_VERIFIED, "the provider's userinfo is of another user than its id token")
        return found

    def _endpoint(self) -> TokenEndpoint:
        return TokenEndpoint(self._provider, self.discovered(), self.settings)

    def _current(self) -> _Discovery:
        with self._lock:
            known = self._known
            if known is None or self._clock() - known.since >= DISCOVERED_FOR:
                known = self._known = self._discover(known)
            return known

    def _discover(self, before: _Discovery | None) -> _Discovery:
        settings = self.settings
        document = self._provider.get(settings.discovery_url).document()
        found = discovered(document, settings.discovery_url, settings.issuer)
        if before is not None and before.provider.jwks_uri == found.jwks_uri:
            keys = before.keys
        else:
            keys = Keys(lambda: self._provider.get(found.jwks_uri), self._clock)
        return _Discovery(found, keys, self._clock())
