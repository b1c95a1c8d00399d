"""Chart 1.11.5's ways to sign in at a provider: its plugin for OpenID Connect, and oauth2-proxy in front of MLflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.importing.table import SUPERSEDED, Converted, Kept, LeftOut, NotNeeded
from flowship.values.model.server.oidc import WELL_KNOWN

if TYPE_CHECKING:
    from flowship.importing.draft import Draft
    from flowship.importing.table import Table, Translation

OIDC, PROXY = "oidcAuth", "oauth2Proxy"

OTHER_USERS = (
    "lets the same people in, who are users of MLflow's own here. What they were allowed in that plugin's tables does "
    "not come along: what nobody gave a permission for, auth.defaultPermission decides (READ; that chart let everybody "
    "manage everything), and oidcAuth.roles gives roles of MLflow's to groups. Programs that showed that plugin a "
    "token of the provider show one of /tokens here, or oidcAuth.workloads names them."
)
OTHER_TABLES = (
    "is where that plugin keeps users and permissions, which Flowship does not read. MLflow's own tables keep them: "
    "beside the runs in PostgreSQL, or where auth.postgres says."
)
NO_CACHE = "is not needed, because sessions are in the database of users, which all replicas share."
OWN_COOKIE = "is not needed: the cookie is SameSite=Lax, and Secure wherever the browser comes by HTTPS."
PROXY_IS_OIDC = (
    "was a proxy in front of MLflow, and is oidcAuth now, which needs none. It let in whomever the provider did: write "
    "the groups that may come in into oidcAuth.groupName and oidcAuth.adminGroupName."
)
PROXY_WITHOUT_ISSUER = (
    "names no provider by its address, so it could not be turned into oidcAuth. Write that, or ldapAuth or auth; until "
    "then, nobody has to log in."
)
CLIENT_ID_ELSEWHERE = "is in a Secret there. Write it into oidcAuth.clientId, as it is no secret."
PROXY_OPTIONS = (
    "is an option of oauth2-proxy. See in docs/reference/authentication.md which key of oidcAuth means the same; "
    "issuers of tokens that programs show are in oidcAuth.workloads."
)


def _within(section: str, translation: Translation) -> Converted:
    """Apply a translation only where the section is enabled: otherwise its keys mean nothing in that chart either."""

    def translate(draft: Draft, key: str, value: Any) -> None:
        if draft.given(f"{section}.enabled"):
            translation.apply(draft, key, value)

    return Converted(translate)


def _oidc(draft: Draft, key: str, value: Any) -> None:
    draft.put(key, key.split("."), value)
    if value:
        draft.say(key, OTHER_USERS)


def _default_permission(draft: Draft, key: str, value: Any) -> None:
    if value == "MANAGE":
        draft.say(key, SUPERSEDED)
    elif value:
        draft.put(key, ("auth", "defaultPermission"), value)


def _proxy(draft: Draft, key: str, value: Any) -> None:
    """Translate oauth2-proxy as a whole, where nothing else asks people to sign in."""
    if not value or draft.given(f"{OIDC}.enabled"):
        return
    provider = draft.given(f"{PROXY}.provider") or {}
    secret = draft.given(f"{PROXY}.existingSecret") or {}
    if not provider.get("issuerURL"):
        draft.leave_out(key, PROXY_WITHOUT_ISSUER)
        return
    draft.put(key, (OIDC, "enabled"), True)
    draft.say(key, PROXY_IS_OIDC)
    found = {
        "discoveryUrl": f"{str(provider['issuerURL']).rstrip('/')}{WELL_KNOWN}",
        "clientId": provider.get("clientID"),
        "redirectUri": provider.get("redirectURL"),
    }
    if secret.get("name"):
        draft.put(key, (OIDC, "existingSecret", "name"), secret["name"])
        draft.put(key, (OIDC, "existingSecret", "clientSecretKey"), secret.get("clientSecretKey", "client-secret"))
    else:
        found["clientSecret"] = provider.get("clientSecret")
    for name, each in found.items():
        if each:
            draft.put(f"{PROXY}.provider", (OIDC, name), each)
    if not provider.get("clientID"):
        draft.leave_out(f"{PROXY}.existingSecret.clientIDKey", CLIENT_ID_ELSEWHERE)


def _kept(*names: str) -> dict[str, Translation]:
    return {f"{OIDC}.{name}": _within(OIDC, Kept()) for name in names}


def _nothing(draft: Draft, key: str, value: Any) -> None:
    """Leave it to the translation of the section's `enabled`."""
    del draft, key, value


_SECRET = f"{OIDC}.existingSecret"

SINGLE_SIGN_ON: Table = {
    f"{OIDC}.enabled": Converted(_oidc),
    **_kept("discoveryUrl", "clientId", "redirectUri", "scope", "audience", "providerDisplayName"),
    **_kept("groupsAttribute", "groupName", "adminGroupName", "existingSecret.name", "existingSecret.clientSecretKey"),
    f"{OIDC}.clientSecret": _within(OIDC, Kept(unread_beside=f"{_SECRET}.name")),
    f"{OIDC}.defaultPermission": _within(OIDC, Converted(_default_permission)),
    f"{OIDC}.sessionCookieSecure": _within(OIDC, NotNeeded(OWN_COOKIE, default=True)),
    f"{OIDC}.sessionCookieSamesite": _within(OIDC, NotNeeded(OWN_COOKIE, default="lax")),
    f"{OIDC}.cache.enabled": _within(OIDC, NotNeeded(NO_CACHE, default=False)),
    f"{OIDC}.cache.*": Converted(_nothing),
    f"{OIDC}.database.uri": _within(OIDC, LeftOut(OTHER_TABLES)),
    f"{OIDC}.database.postgres.enabled": _within(OIDC, LeftOut(OTHER_TABLES, default=False)),
    f"{OIDC}.database.*": Converted(_nothing),
    f"{OIDC}.trustedProxies": _within(OIDC, Kept("trustedProxies")),
    f"{PROXY}.enabled": Converted(_proxy),
    f"{PROXY}.extraArgs": _within(
        PROXY, LeftOut(PROXY_OPTIONS, default=["--cookie-secure=true", "--cookie-samesite=lax"])
    ),
    f"{PROXY}.extraEnv.*": _within(PROXY, LeftOut(PROXY_OPTIONS)),
    f"{PROXY}.*": Converted(_nothing),
}
"""What of chart 1.11.5 asks people to sign in at a provider."""
