"""People who sign in at a provider of OpenID Connect: `oidcAuth`, maybe beside those who have passwords here."""

from __future__ import annotations

import importlib.util
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from flowship.auth.methods.basic.sign_in import BasicSignIn
from flowship.auth.methods.ldap.sign_in import LdapSignIn
from flowship.auth.methods.oidc.provider.settings import BEGIN, ProviderSettings, provider_settings
from flowship.auth.sign_in import Button, SignIn
from flowship.errors import MissingExtraError
from flowship.values.model.server.access import BASIC_APP
from flowship.values.model.signing_in import password_method

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowship.auth.authenticator import Entrance
    from flowship.auth.elsewhere import Elsewhere, Parts
    from flowship.auth.methods.oidc.users import ProviderUsers
    from flowship.auth.sign_in import Worker
    from flowship.check import Check
    from flowship.values.model.root import Values


class OidcSignIn(SignIn):
    """A session that begins at a provider, whose groups say who may come in and who is an admin."""

    method: Literal["oidc"] = "oidc"
    app: str | None = BASIC_APP
    provider: ProviderSettings
    beside: Annotated[BasicSignIn | LdapSignIn, Field(discriminator="method")] | None = None
    """How those sign in who have a password here."""

    @property
    def passwords_in_mlflow(self) -> bool:
        return self.beside is not None and self.beside.passwords_in_mlflow

    @classmethod
    def of(cls, values: Values, environ: Mapping[str, str] | None) -> OidcSignIn:
        if environ is not None and importlib.util.find_spec("joserfc") is None:
            raise MissingExtraError(key="oidcAuth", extra="oidc")
        kinds: dict[str, type[BasicSignIn | LdapSignIn]] = {"basic": BasicSignIn, "ldap": LdapSignIn}
        beside = kinds.get(password_method(values))
        return cls(
            cache_ttl=values.oidcAuth.cacheTtlSeconds,
            provider=provider_settings(values),
            beside=beside.of(values, environ) if beside else None,
        )

    def admins(self, values: Values) -> str:
        groups = values.oidcAuth.adminGroupName
        found = [f"who is in {' or '.join(groups)} at the provider"] if groups else []
        if self.beside:
            found.append(self.beside.admins(values))
        return "; ".join(found) or "nobody, since oidcAuth.adminGroupName is empty"

    @cached_property
    def _users(self) -> ProviderUsers:
        """Give the provider's users; the first to ask has them made, which is a worker."""
        from flowship.auth.methods.oidc.users import ProviderUsers  # needs an extra

        return ProviderUsers(self.provider)

    def entrances(self, worker: Worker) -> tuple[Entrance, ...]:
        return self._users.entrances(self.beside, worker)

    def buttons(self, static_prefix: str) -> tuple[Button, ...]:
        return (Button(self.provider.display_name, f"{static_prefix}{BEGIN}"),)

    def elsewhere(self, parts: Parts) -> Elsewhere:
        return self._users.elsewhere(parts)

    def check(self, environ: Mapping[str, str]) -> Iterator[Check]:
        from flowship.auth.methods.oidc.check import checks  # needs an extra

        yield from checks(self.provider)
        if self.beside:
            yield from self.beside.check(environ)
