"""Values that break the rules of single sign-on; see `cases`."""

from __future__ import annotations

from typing import Any

from tests.unit.values.cases import AUTH, AUTH_POSTGRES, LDAP, MYSQL, S3, SOURCE, Case, case, empty, idle, without

OIDC = {
    "oidcAuth.enabled": True,
    "oidcAuth.discoveryUrl": "https://id.example.com/.well-known/openid-configuration",
    "oidcAuth.clientId": "mlflow",
    "oidcAuth.clientSecret": "sesame",
}
SECRET = "oidcAuth.existingSecret.name"
NO_SECRET = empty("oidcAuth.clientSecret", f"the client's secret, or name a Secret in {SECRET}")
UNSAFE = (
    "is not an address that tokens may go to. Write one that begins with `https://`, without `?` or `#`; `http://` is "
    "for localhost only."
)
NO_CALLBACK = (
    "oidcAuth.redirectUri: is not where a browser could be sent back to. Write an address with a path, such as "
    "`https://mlflow.example.com/login/oidc/callback`; `http://` is for localhost only."
)
OTHER_PAGE = (
    "oidcAuth.redirectUri: is the address of another page of this server, so nobody could come back there. Write "
    "another path, such as `/login/oidc/callback`, here and at the provider."
)
NO_ISSUER = (
    "oidcAuth.discoveryUrl, oidcAuth.issuer: the first does not end in `/.well-known/openid-configuration`, so it does "
    "not tell who the provider is. Write its whole address, or the provider's name in the second."
)


def trusting(*changed: dict[str, Any]) -> dict[str, Any]:
    """Values with a trusted issuer for each change of one."""
    entry = {
        "issuer": "https://token.actions.githubusercontent.com",
        "audience": "https://mlflow.example.com",
        "claims": {"repository": "team/project"},
        "user": "ci",
    }
    return {"oidcAuth.workloads": [{**entry, **each} for each in changed]}


WORKLOADS = trusting({})
_USERS_OR_NONE: tuple[dict[str, Any], ...] = (AUTH, LDAP, OIDC, {"oidcAuth.workloads": []})

OIDC_CASES = [
    Case({SECRET: "x"}, (idle(SECRET, "oidcAuth.enabled"),), {SECRET: ""}),
    case(
        {"oidcAuth.enabled": True, "oidcAuth.usernameClaim": "", "oidcAuth.groupsAttribute": ""},
        empty("oidcAuth.discoveryUrl", "the address of the provider's discovery document"),
        empty("oidcAuth.clientId", "how this server is called at the provider"),
        NO_SECRET,
        empty("oidcAuth.usernameClaim", "the claim that holds a user's name, such as `email`"),
        empty("oidcAuth.groupsAttribute", "the claim that holds a user's groups, such as `groups`"),
        oidcAuth=None,
    ),
    *(
        Case(without(OIDC, "oidcAuth.clientSecret"), (NO_SECRET,), mended)
        for mended in (
            {SECRET: "login"},
            {"extraEnvVars.OIDC_CLIENT_SECRET": SOURCE},
            {"extraSecretNamesForEnvFrom": ["login"]},
        )
    ),
    *(
        Case({**OIDC, "oidcAuth.discoveryUrl": url}, (f"oidcAuth.discoveryUrl: {UNSAFE}", *more), OIDC)
        for url, more in (
            ("http://id.example.com/.well-known/openid-configuration", ()),
            ("http://localhost.example.com/.well-known/openid-configuration", ()),
            ("https://user@id.example.com/.well-known/openid-configuration", ()),
            ("id.example.com", (NO_ISSUER,)),
        )
    ),
    *(
        Case({**OIDC, "oidcAuth.redirectUri": url}, (NO_CALLBACK,), {"oidcAuth.redirectUri": good})
        for url, good in (
            ("https://mlflow.example.com", "https://mlflow.example.com/callback"),
            ("https://mlflow.example.com/", "http://localhost:5000/callback"),
            ("http://mlflow.example.com/callback", "http://127.0.0.1/callback"),
            ("https://mlflow.example.com/callback?a=b", "http://[::1]:80/callback"),
        )
    ),
    *(
        Case(
            {**OIDC, **given, "oidcAuth.redirectUri": f"https://mlflow.example.com{path}"},
            (OTHER_PAGE,),
            {"oidcAuth.redirectUri": f"https://mlflow.example.com{path}/callback"},
        )
        for given, path in (
            ({}, "/login/oidc"),
            ({}, "/login"),
            ({}, "/logout"),
            ({}, "/tokens"),
            ({"extraArgs.staticPrefix": "/ml"}, "/ml/login/oidc"),
            ({"extraArgs.staticPrefix": "/ml"}, "/login/oidc"),
        )
    ),
    case(
        {**OIDC, "oidcAuth.issuerCA": "LS0t"},
        "oidcAuth.issuerCA: is no certificate. Write that of the CA in PEM, from `-----BEGIN CERTIFICATE-----` on.",
        oidcAuth_issuerCA="-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n",
    ),
    Case(
        {**OIDC, "oidcAuth.discoveryUrl": "https://id.example.com/discovery"},
        (NO_ISSUER,),
        {"oidcAuth.issuer": "https://id.example.com"},
    ),
    Case(
        {**OIDC, "oidcAuth.groupName": [], "oidcAuth.adminGroupName": []},
        (
            "oidcAuth.groupName, oidcAuth.adminGroupName: both are empty, so nobody could log in. Write at least one "
            "group.",
        ),
        {"oidcAuth.groupName": ["mlflow"]},
    ),
    *(
        case(
            {**OIDC, "oidcAuth.scope": scope},
            "oidcAuth.scope: does not hold `openid`, without which a provider does not say who has signed in. Write "
            "it, too.",
            oidcAuth_scope=good,
        )
        for scope, good in (("email,profile", "email,openid"), ("", "openid"), ("openid2", "email openid profile"))
    ),
    *(
        Case(
            {**OIDC, **AUTH, key: other},
            (
                f"oidcAuth.enabled, {key}: the first needs `{own}` in the second, because your own code would decide "
                "who sends a request. Set the first to false, or write that.",
            ),
            {key: own},
        )
        for key, other, own in (
            ("auth.appName", "mine", "basic-auth"),
            ("auth.authorizationFunction", "a:b", "mlflow.server.auth:authenticate_request_basic_auth"),
        )
    ),
    *(
        Case(
            WORKLOADS,
            (
                "oidcAuth.workloads, auth.enabled, ldapAuth.enabled, oidcAuth.enabled: the first needs one of the "
                "others, because without users everybody may do everything. Set one of them to true, or empty the "
                "first.",
            ),
            mended,
        )
        for mended in _USERS_OR_NONE
    ),
    *(
        Case(
            {**WORKLOADS, **AUTH, key: other},
            (
                f"oidcAuth.workloads, {key}: the first needs `{own}` in the second, because your own code would decide "
                "who sends a request. Empty the first, or write that.",
            ),
            {key: own},
        )
        for key, other, own in (
            ("auth.appName", "mine", "basic-auth"),
            ("auth.authorizationFunction", "a:b", "mlflow.server.auth:authenticate_request_basic_auth"),
        )
    ),
    Case(
        {**OIDC, **LDAP, "sessions.enabled": False},
        (
            "oidcAuth.enabled, sessions.enabled: the first needs the second, because who comes from the provider is "
            "given a session. Set it to true.",
        ),
        {"sessions.enabled": True},
    ),
    Case(
        {**MYSQL, **S3, **OIDC, "replicaCount": 2},
        (
            "replicaCount, autoscaling.enabled: several pods need permissions that they share, and MLflow cannot keep "
            "them in MySQL. Enable auth.postgres, or keep one replica.",
        ),
        AUTH_POSTGRES,
    ),
]
