"""Users of an LDAP directory, for whom MLflow keeps rights: `ldapAuth`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from flowship.auth.methods.ldap.settings import DirectorySettings, directory_settings, require_ldap
from flowship.auth.sign_in import SignIn
from flowship.values.model.server.access import BASIC_APP

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowship.auth.authenticator import Entrance
    from flowship.auth.sign_in import Worker
    from flowship.check import Check
    from flowship.values.model.root import Values


class LdapSignIn(SignIn):
    """A name and a password, which the directory verifies, and groups that say who is an admin."""

    method: Literal["ldap"] = "ldap"
    app: str | None = BASIC_APP
    directory: DirectorySettings

    @classmethod
    def of(cls, values: Values, environ: Mapping[str, str] | None) -> LdapSignIn:
        if environ is not None:
            require_ldap()
        return cls(cache_ttl=values.ldapAuth.cacheTtlSeconds, directory=directory_settings(values, environ))

    def admins(self, values: Values) -> str:
        group = values.ldapAuth.adminGroupDistinguishedName
        return f"who is in {group}" if group else "nobody, since ldapAuth.adminGroupDistinguishedName is empty"

    def entrances(self, worker: Worker) -> tuple[Entrance, ...]:
        from flowship.auth.methods.ldap.authenticator import entrance  # needs an extra

        return (entrance(self.directory, self.cache_ttl, worker),)

    def check(self, environ: Mapping[str, str]) -> Iterator[Check]:
        from flowship.auth.methods.ldap.check import checks  # needs an extra

        return checks(self.directory, environ)
