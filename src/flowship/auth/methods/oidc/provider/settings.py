"""What signing in at a provider has to know, from the values; the server is told it as JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from flowship.values.model.signing_in import admin

if TYPE_CHECKING:
    from flowship.values.model.root import Values

BEGIN, CALLBACK = "/login/oidc", "/login/oidc/callback"
"""Where a log-in begins, and where the provider sends it back to unless the values say where, after the static
prefix."""


class ProviderSettings(BaseModel):
    """Says which provider, how Flowship is known there, and what its users may do. Seconds where a time is meant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    discovery_url: str
    issuer: str = ""
    """How the provider names itself, where that is not the discovery URL without its ending."""
    client_id: str
    client_secret: str = Field(repr=False)
    redirect_uri: str = ""
    """Where the provider sends browsers back to; made from the request's address when empty."""
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    audience: str = ""
    """What the provider is asked to issue access tokens for, where it wants to know."""
    ca: str = ""
    """Certificates in PEM; those of the system when empty."""
    display_name: str = "Login with OIDC"
    name_claim: str = "email"
    groups_claim: str = "groups"
    groups: tuple[str, ...] = ()
    """Those whose members may come in."""
    admin_groups: tuple[str, ...] = ()
    """Those whose members are admins; when there are none, who is an admin is left to MLflow's users."""
    roles: dict[str, str] = {}
    """For each group, the role of MLflow's that its members have."""
    adopt: bool = False
    """Whether a user whom MLflow knows already, and no provider, is given to whoever has the name at this provider."""
    reserved: tuple[str, ...] = ()
    """Names that nobody has at the provider: that of the admin whom the values name, and those of workloads: what is
    granted to a job must be nobody's who calls herself so there."""
    recheck: float = 900.0
    """After which the provider is asked again whether a user may still come in."""
    grace: float = 900.0
    """For which users go on beyond that while it does not answer."""
    timeout: float = 10.0


def provider_settings(values: Values) -> ProviderSettings:
    """Make the settings for values that are not refused."""
    oidc, named = values.oidcAuth, admin(values)
    return ProviderSettings(
        discovery_url=oidc.discoveryUrl,
        issuer=oidc.issuer,
        client_id=oidc.clientId,
        client_secret=oidc.clientSecret,
        redirect_uri=oidc.redirectUri,
        scopes=tuple(re.findall(r"[^\s,]+", oidc.scope)),
        audience=oidc.audience,
        ca=oidc.issuerCA,
        display_name=oidc.providerDisplayName,
        name_claim=oidc.usernameClaim,
        groups_claim=oidc.groupsAttribute,
        groups=tuple(oidc.groupName),
        admin_groups=tuple(oidc.adminGroupName),
        roles=oidc.roles,
        adopt=oidc.adoptExistingUsers,
        reserved=tuple(
            name.lower() for name in (*([named.name] if named else ()), *(each.user for each in oidc.workloads))
        ),
        recheck=oidc.recheckSeconds,
        grace=oidc.graceSeconds,
    )
