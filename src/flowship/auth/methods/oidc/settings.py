"""What signing in at a provider has to know, from the values; the server is told it as JSON."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


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
    recheck: float = 300.0
    timeout: float = 10.0
