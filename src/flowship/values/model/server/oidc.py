"""Who may use the server, as a provider of OpenID Connect says: `oidcAuth`, with the keys of chart 1.11.5."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from flowship.values.model.fields.section import Password, Section
from flowship.values.model.fields.shape import Shape
from flowship.values.model.fields.texts import SAFE_ORIGIN
from flowship.values.model.server.workloads import Workload
from flowship.values.model.storage.existing_secrets import ProviderSecret

WELL_KNOWN = "/.well-known/openid-configuration"
"""How a discovery URL ends; what is before it names the issuer."""

SAFE_ADDRESS = Shape(
    rf"^{SAFE_ORIGIN}(/[^ \t\r\n?#]*)?\z",
    "is not an address that tokens may go to. Write one that begins with `https://`, without `?` or `#`; `http://` is "
    "for localhost only.",
)
CALLBACK = Shape(
    rf"^{SAFE_ORIGIN}/[^ \t\r\n?#]+\z",
    "is not where a browser could be sent back to. Write an address with a path, such as "
    "`https://mlflow.example.com/login/oidc/callback`; `http://` is for localhost only.",
)
CERTIFICATE = Shape(
    r"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----",
    "is no certificate. Write that of the CA in PEM, from `-----BEGIN CERTIFICATE-----` on.",
)


class OidcAuth(Section):
    """Single sign-on: people sign in at a provider of OpenID Connect, such as Keycloak, Entra ID, Okta or Google.
    Beside `auth` or `ldapAuth`, whose users go on with their passwords."""

    enabled: bool = False
    """Let people sign in at the provider."""
    discoveryUrl: Annotated[str, SAFE_ADDRESS] = ""
    """Address of the provider's discovery document, which ends in `/.well-known/openid-configuration`."""
    issuer: str = ""
    """How the provider names itself, where that is not discoveryUrl without its ending, as with Azure AD B2C."""
    issuerCA: Annotated[str, CERTIFICATE] = ""
    """Certificate in PEM of the CA that signed the provider's. Without one, the system's are trusted."""
    clientId: str = ""
    """How this server is called at the provider."""
    clientSecret: Password = ""
    """Secret of that client. Prefer an existing Secret on Kubernetes."""
    existingSecret: ProviderSecret = ProviderSecret()
    redirectUri: Annotated[str, CALLBACK] = ""
    """Where the provider sends browsers back to, as it is registered there. When empty, `/login/oidc/callback` under
    the address that the browser used."""
    scope: str = "openid,email,profile"
    """What the provider is asked for, with commas or spaces between. Add `offline_access` where it gives refresh tokens
    only then, as Entra ID and Okta do."""
    audience: str = ""
    """What access tokens are asked for, where the provider wants to know."""
    providerDisplayName: str = "Login with OIDC"
    """What the button on the login page says."""
    usernameClaim: str = "email"
    """Claim that holds a user's name in MLflow; it is written in lower case there."""
    adoptExistingUsers: bool = False
    """Whether a user whom MLflow has already is whoever comes first with that name from the provider. When false, the
    name is refused. Set it to true to move from passwords to single sign-on, if names are the same people's there."""
    groupsAttribute: str = "groups"
    """Claim that holds a user's groups; with dots between names for one inside another, such as
    `realm_access.roles`."""
    groupName: list[str] = Field(default_factory=lambda: ["mlflow"])
    """Groups whose members may come in."""
    adminGroupName: list[str] = Field(default_factory=lambda: ["mlflow-admin"])
    """Groups whose members are admins. When empty, who is an admin is left to MLflow's own admins."""
    roles: dict[str, str] = Field(default_factory=dict)
    """For a group, the role of MLflow's that its members have: it is given and taken as they come and go."""
    recheckSeconds: Annotated[int, Field(ge=30, le=86_400)] = 900
    """Seconds after which the provider is asked again whether a user may still come in: by a refresh token, or where it
    gives none, by sending the browser there, which signs in again by itself as long as the provider knows it."""
    graceSeconds: Annotated[int, Field(ge=0, le=604_800)] = 900
    """Seconds for which users go on beyond that while the provider does not answer."""
    cacheTtlSeconds: Annotated[int, Field(ge=0, le=86_400)] = 60
    """Seconds for which a worker remembers who has signed in, and what a user may do."""
    workloads: list[Workload] = Field(default_factory=list)
    """Issuers whose tokens let in programs without a secret: jobs of GitHub and GitLab, service accounts of Kubernetes.
    Each names the MLflow user as whom they come. With `enabled: false` too, beside `auth` or `ldapAuth`."""
