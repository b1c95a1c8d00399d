"""What a code, or a refresh token, is exchanged for at the provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowship.auth.methods.oidc.provider.errors import LogInAgainError, ProviderSetupError, word_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.auth.methods.oidc.provider.asking import Answer, Provider
    from flowship.auth.methods.oidc.provider.discovery import Discovered
    from flowship.auth.methods.oidc.provider.settings import ProviderSettings

REFUSED = "The provider does not take this log-in any more. Log in again."
BAD_CLIENT = frozenset({"invalid_client", "unauthorized_client"})
BAD_GRANT = "invalid_grant"


@dataclass(frozen=True)
class Tokens:
    """What the provider gave; an empty text where it gave none."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)


class TokenEndpoint:
    """Where a provider exchanges codes and refresh tokens."""

    def __init__(self, provider: Provider, discovered: Discovered, settings: ProviderSettings) -> None:
        self._provider, self._discovered, self._settings = provider, discovered, settings

    def of_code(self, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """Exchange the code of a log-in.

        Raises:
            LogInAgainError: the provider takes the code for wrong, used, or too old.
            ProviderError: it cannot say, or does not know us.
        """
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        tokens = self._tokens({**form, "code_verifier": verifier})
        if not tokens.id_token:
            raise ProviderSetupError(
                f"{self._discovered.token_endpoint} gives no id token; put `openid` into oidcAuth.scope"
            )
        return tokens

    def refreshed(self, refresh_token: str) -> Tokens:
        """Exchange a refresh token; a new one may come in its place. Raises as `of_code`."""
        return self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def _tokens(self, form: Mapping[str, str]) -> Tokens:
        settings, url = self._settings, self._discovered.token_endpoint
        if self._discovered.secret_in_header:
            answer = self._provider.post(url, form, login=(settings.client_id, settings.client_secret))
        else:
            secret = {"client_id": settings.client_id, "client_secret": settings.client_secret}
            answer = self._provider.post(url, {**form, **secret})
        found = answer.document()
        if answer.status != 200:
            raise _refusal(answer, found)
        return Tokens(*(_text(found, name) for name in ("id_token", "access_token", "refresh_token")))


def _refusal(answer: Answer, found: Mapping[str, Any]) -> LogInAgainError | ProviderSetupError:
    """Say why no tokens came, by the provider's own word for it; its description may be anything, and is left out."""
    error = _text(found, "error")
    if error == BAD_GRANT:
        return LogInAgainError(REFUSED, "the provider takes the code or the refresh token for wrong, used or too old")
    if error in BAD_CLIENT or answer.status == 401:
        return ProviderSetupError(
            f"{answer.url} does not know this client ({error or answer.status}); correct oidcAuth.clientId and "
            "oidcAuth.clientSecret"
        )
    word = word_of(error, str(answer.status))
    return ProviderSetupError(f"{answer.url} answers {word}; see how the client is registered at the provider")


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""
