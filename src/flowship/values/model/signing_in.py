"""Which way to sign in the values choose, and whom they make an admin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from flowship.values.model.server.access import BASIC_APP, BASIC_AUTHORIZATION

if TYPE_CHECKING:
    from flowship.values.model.root import Values

Method = Literal["none", "basic", "ldap", "oidc", "function", "app"]
"""Nobody signs in; MLflow's users do with their passwords; users of an LDAP directory do; people do at a provider,
maybe beside one of these; a function of the user's own finds out who sends a request, in MLflow's app with users; an
app of the user's own does all of it."""

OWN: frozenset[Method] = frozenset({"function", "app"})
"""Methods that run the user's own code, behind Flowship; with all others but "none", Flowship authenticates."""

FROM_OUTSIDE: frozenset[Method] = frozenset({"ldap", "oidc"})
"""Methods whose users are kept elsewhere, and made in MLflow's database as they sign in."""


@dataclass(frozen=True)
class Admin:
    """The admin whom the values name."""

    name: str
    password: str = field(repr=False)


def method(values: Values) -> Method:
    """Give the way to sign in that the values choose; that they choose one only is for their own rules."""
    return "oidc" if values.oidcAuth.enabled else password_method(values)


def password_method(values: Values) -> Method:
    """Give the way to sign in that the values choose for those who do so with a password, or by code of their own."""
    if values.ldapAuth.enabled:
        return "ldap"
    if not values.auth.enabled:
        return "none"
    if values.auth.appName != BASIC_APP:
        return "app"
    return "basic" if values.auth.authorizationFunction == BASIC_AUTHORIZATION else "function"


def admin(values: Values) -> Admin | None:
    """Give the admin whom the values name, or None where a directory or nobody says who is one."""
    auth = values.auth
    return Admin(auth.adminUsername, auth.adminPassword) if auth.enabled else None
