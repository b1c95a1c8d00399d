"""The way to sign in that the values choose. What serves asks for it here, and knows no other list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from flowship.auth.methods.basic.sign_in import BasicSignIn
from flowship.auth.methods.ldap.sign_in import LdapSignIn
from flowship.auth.methods.none import NoSignIn
from flowship.auth.methods.oidc.sign_in import OidcSignIn
from flowship.auth.methods.own import OwnApp, OwnFunction
from flowship.values.model.signing_in import method

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.values.model.root import Values
    from flowship.values.model.signing_in import Method

AnySignIn = Annotated[
    NoSignIn | BasicSignIn | LdapSignIn | OidcSignIn | OwnFunction | OwnApp, Field(discriminator="method")
]
"""Any of them, as JSON tells them apart."""

SIGN_INS: Mapping[Method, type[NoSignIn | BasicSignIn | LdapSignIn | OidcSignIn | OwnFunction | OwnApp]] = {
    "none": NoSignIn,
    "basic": BasicSignIn,
    "ldap": LdapSignIn,
    "oidc": OidcSignIn,
    "function": OwnFunction,
    "app": OwnApp,
}


def chosen(values: Values, environ: Mapping[str, str] | None) -> AnySignIn:
    """Make the way to sign in for values that are not refused, with its settings; without variables, only to be shown.

    Raises:
        MissingExtraError: what it needs is not installed.
        ValuesError: what the values name cannot be used.
    """
    return SIGN_INS[method(values)].of(values, environ)
