"""What a provider says of a user: the name, and the groups, which each provider writes in its own way."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowship.auth.in_mlflow import user_names
from flowship.auth.methods.oidc.provider.errors import LogInRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.auth.methods.oidc.provider.settings import ProviderSettings

IN_NO_GROUP = (
    "The provider has let you in, but you are in none of the groups that may use this server. Ask an administrator."
)
NONE_NAMED = (
    "The provider names no group of yours: you are in none, or it does not say which. So you may not use this server. "
    "Ask an administrator."
)
NO_GROUPS = (
    "The provider does not say which groups you are in, so it is not known whether you may use this server. Ask an "
    "administrator."
)
TOO_MANY_GROUPS = (
    "You are in more groups than the provider puts into its answer, so it is not known whether you may use this "
    "server. Ask an administrator."
)
NO_NAME = "The provider does not say your name in a form that can be used here. Ask an administrator."
UNVERIFIED = "The provider has not verified your address of e-mail. Have it verify the address, and log in again."


@dataclass(frozen=True)
class Rights:
    """What the groups of a user let the user do here."""

    is_admin: bool | None
    """None where the values name no group of admins: who is one is then left to MLflow's users."""
    roles: frozenset[str]
    """Roles of MLflow's."""


def found(claims: Mapping[str, Any], path: str) -> Any:
    """Find a claim by its name, or by the names of the objects that it is in with dots between; None if it is not
    there. A name may hold dots itself, as a URL does."""
    if path in claims:
        return claims[path]
    for place, letter in enumerate(path):
        if letter == "." and isinstance(inner := claims.get(path[:place]), dict):
            deeper = found(inner, path[place + 1 :])
            if deeper is not None:
                return deeper
    return None


def username(claims: Mapping[str, Any], claim: str) -> str:
    """Give the user's name in MLflow, in one spelling. Raises LogInRefusedError."""
    said = found(claims, claim)
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", str(said or "")).strip().lower())
    if not isinstance(said, str) or not plain.isprintable() or user_names.refusal(plain):
        what = "is not there" if said is None else "holds no name that can be used"
        raise LogInRefusedError(
            NO_NAME,
            f"the claim {claim} {what}; name another one in oidcAuth.usernameClaim, or ask for it in oidcAuth.scope",
        )
    # Only a False counts: some providers verify each address that they give, and do not say so.
    if claim == "email" and claims.get("email_verified") in (False, "false"):
        raise LogInRefusedError(UNVERIFIED, "the provider says that it has not verified the user's address of e-mail")
    return plain


def groups(claims: Mapping[str, Any], claim: str) -> frozenset[str] | None:
    """Give the groups that a claim names: a list, one text, or an object whose keys they are. None if the claim is not
    there.

    Raises:
        LogInRefusedError: the user is in too many, or the claim is of another kind.
    """
    said = found(claims, claim)
    if said is None:
        if has_overage(claims, claim):
            raise LogInRefusedError(
                TOO_MANY_GROUPS,
                f"the provider leaves the claim {claim} out, because the user is in too many groups; have it give only "
                "groups assigned to this application (Entra: Token configuration, groups claim)",
            )
        return None
    if isinstance(said, str):
        return frozenset({said} if said else ())
    if isinstance(said, list) and all(isinstance(each, str) for each in said):
        return frozenset(said)
    if isinstance(said, dict):
        return frozenset(said)
    raise LogInRefusedError(NO_GROUPS, f"the claim {claim} is neither a list of texts nor a text; see groupsAttribute")


def has_overage(claims: Mapping[str, Any], claim: str) -> bool:
    """Tell whether Entra says that there are more groups than it writes down."""
    elsewhere = claims.get("_claim_names")
    return claims.get("hasgroups") in (True, "true") or (isinstance(elsewhere, dict) and claim in elsewhere)


def rights(of: frozenset[str] | None, settings: ProviderSettings) -> Rights:
    """Say what a user in these groups may do. Raises LogInRefusedError for who may not come in."""
    if of is None:
        raise LogInRefusedError(
            NONE_NAMED,
            f"the provider gives no claim {settings.groups_claim}, as Keycloak does for who is in no group; if others "
            "get the same, have it put the groups into the id token, or name their claim in oidcAuth.groupsAttribute",
        )
    is_admin = not of.isdisjoint(settings.admin_groups)
    if not is_admin and of.isdisjoint(settings.groups):
        raise LogInRefusedError(IN_NO_GROUP, "the user is in none of oidcAuth.groupName and oidcAuth.adminGroupName")
    return Rights(
        is_admin if settings.admin_groups else None,
        frozenset(role for group, role in settings.roles.items() if group in of),
    )
