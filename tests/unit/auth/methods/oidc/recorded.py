"""What four providers answer, in the shapes that their documentation gives; written down here, not asked of them.

Microsoft Entra ID: "OpenID Connect on the Microsoft identity platform" and "ID token claims reference" (v2.0; groups
as object ids, the overage claim). Google: "OpenID Connect", whose example token has no groups. Okta: "OpenID Connect &
OAuth 2.0 API" and "Customize tokens with a groups claim". Keycloak: the server administration guide; `groups` as its
"Group Membership" mapper writes them with full paths, roles as its default client scope `roles` does.
"""

from __future__ import annotations

from typing import Any

TENANT = "9122040d-6c67-4c5b-b112-36a304b66dad"

ENTRA_URL = f"https://login.microsoftonline.com/{TENANT}/v2.0/.well-known/openid-configuration"
ENTRA: dict[str, Any] = {
    "token_endpoint": f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token",
    "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
    "jwks_uri": f"https://login.microsoftonline.com/{TENANT}/discovery/v2.0/keys",
    "response_modes_supported": ["query", "fragment", "form_post"],
    "subject_types_supported": ["pairwise"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
    "scopes_supported": ["openid", "profile", "email", "offline_access"],
    "issuer": f"https://login.microsoftonline.com/{TENANT}/v2.0",
    "request_uri_parameter_supported": False,
    "userinfo_endpoint": "https://graph.microsoft.com/oidc/userinfo",
    "authorization_endpoint": f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/authorize",
    "http_logout_supported": True,
    "frontchannel_logout_supported": True,
    "end_session_endpoint": f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/logout",
}
ENTRA_COMMON_URL = "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration"
ENTRA_COMMON = ENTRA | {"issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"}
ENTRA_V1_URL = f"https://login.microsoftonline.com/{TENANT}/.well-known/openid-configuration"
ENTRA_V1 = ENTRA | {"issuer": f"https://sts.windows.net/{TENANT}/"}
ENTRA_CLAIMS: dict[str, Any] = {
    "ver": "2.0",
    "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
    "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
    "aud": "6cb04018-a3f5-46a7-b995-940c78f5aef3",
    "exp": 1536361411,
    "iat": 1536274711,
    "nbf": 1536274711,
    "name": "Abe Lincoln",
    "preferred_username": "AbeLi@microsoft.com",
    "oid": "00000000-0000-0000-66f3-3332eca7ea81",
    "tid": TENANT,
    "nonce": "123523",
}
ENTRA_GROUP = "3ca5e3a5-4a3c-4b2a-8d5a-0b6a5b3c7d10"
ENTRA_WITH_GROUPS = ENTRA_CLAIMS | {"groups": [ENTRA_GROUP, "6b0e2f66-6b1e-4d7e-9a54-9f7a70a0e1c2"]}
ENTRA_OVERAGE = ENTRA_CLAIMS | {
    "_claim_names": {"groups": "src1"},
    "_claim_sources": {
        "src1": {"endpoint": f"https://graph.windows.net/{TENANT}/users/00000000-0000-0000-66f3/getMemberObjects"}
    },
}
ENTRA_IMPLICIT_OVERAGE = ENTRA_CLAIMS | {"hasgroups": True}

GOOGLE_URL = "https://accounts.google.com/.well-known/openid-configuration"
GOOGLE: dict[str, Any] = {
    "issuer": "https://accounts.google.com",
    "authorization_endpoint": "https://accounts.google.com/o/oauth2/v2/auth",
    "device_authorization_endpoint": "https://oauth2.googleapis.com/device/code",
    "token_endpoint": "https://oauth2.googleapis.com/token",
    "userinfo_endpoint": "https://openidconnect.googleapis.com/v1/userinfo",
    "revocation_endpoint": "https://oauth2.googleapis.com/revoke",
    "jwks_uri": "https://www.googleapis.com/oauth2/v3/certs",
    "response_types_supported": ["code", "token", "id_token", "code token", "code id_token", "token id_token", "none"],
    "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "scopes_supported": ["openid", "email", "profile"],
    "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
    "code_challenge_methods_supported": ["plain", "S256"],
    "grant_types_supported": ["authorization_code", "refresh_token"],
}
GOOGLE_CLAIMS: dict[str, Any] = {
    "iss": "https://accounts.google.com",
    "azp": "1234987819200.apps.googleusercontent.com",
    "aud": "1234987819200.apps.googleusercontent.com",
    "sub": "10769150350006150715113082367",
    "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q",
    "hd": "example.com",
    "email": "jsmith@example.com",
    "email_verified": "true",
    "iat": 1353601026,
    "exp": 1353604926,
    "nonce": "0394852-3190485-2490358",
}

OKTA_URL = "https://example.okta.com/oauth2/default/.well-known/openid-configuration"
OKTA: dict[str, Any] = {
    "issuer": "https://example.okta.com/oauth2/default",
    "authorization_endpoint": "https://example.okta.com/oauth2/default/v1/authorize",
    "token_endpoint": "https://example.okta.com/oauth2/default/v1/token",
    "userinfo_endpoint": "https://example.okta.com/oauth2/default/v1/userinfo",
    "jwks_uri": "https://example.okta.com/oauth2/default/v1/keys",
    "response_types_supported": ["code", "token", "id_token", "code id_token", "code token", "id_token token"],
    "scopes_supported": ["openid", "profile", "email", "address", "phone", "offline_access", "groups"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
    "code_challenge_methods_supported": ["S256"],
    "end_session_endpoint": "https://example.okta.com/oauth2/default/v1/logout",
}
OKTA_CLAIMS: dict[str, Any] = {
    "ver": 1,
    "sub": "00uid4BxXw6I6TV4m0g3",
    "iss": "https://example.okta.com/oauth2/default",
    "aud": "uAaunofWkaDJxukCFeBx",
    "iat": 1449624026,
    "exp": 1449627626,
    "auth_time": 1449624026,
    "preferred_username": "john.doe@example.com",
}
OKTA_USERINFO: dict[str, Any] = {
    "sub": "00uid4BxXw6I6TV4m0g3",
    "name": "John Doe",
    "preferred_username": "john.doe@example.com",
    "email": "john.doe@example.com",
    "email_verified": True,
    "groups": ["Everyone", "MLflow Users"],
}

KEYCLOAK_URL = "https://id.example.com/realms/team/.well-known/openid-configuration"
KEYCLOAK: dict[str, Any] = {
    "issuer": "https://id.example.com/realms/team",
    "authorization_endpoint": "https://id.example.com/realms/team/protocol/openid-connect/auth",
    "token_endpoint": "https://id.example.com/realms/team/protocol/openid-connect/token",
    "userinfo_endpoint": "https://id.example.com/realms/team/protocol/openid-connect/userinfo",
    "end_session_endpoint": "https://id.example.com/realms/team/protocol/openid-connect/logout",
    "jwks_uri": "https://id.example.com/realms/team/protocol/openid-connect/certs",
    "response_types_supported": ["code", "none", "id_token", "token", "id_token token", "code id_token", "code token"],
    "id_token_signing_alg_values_supported": ["PS384", "RS384", "EdDSA", "ES384", "HS256", "HS512", "ES256", "RS256"],
    "token_endpoint_auth_methods_supported": [
        *("private_key_jwt", "client_secret_basic", "client_secret_post", "tls_client_auth", "client_secret_jwt"),
    ],
    "code_challenge_methods_supported": ["plain", "S256"],
    "authorization_response_iss_parameter_supported": True,
}
KEYCLOAK_CLAIMS: dict[str, Any] = {
    "exp": 1449627626,
    "iat": 1449624026,
    "iss": "https://id.example.com/realms/team",
    "aud": "mlflow",
    "sub": "5f0f3ad1-31b1-4c0a-8f1e-6e2f5a2f6b10",
    "typ": "ID",
    "azp": "mlflow",
    "sid": "0a1b2c3d-1111-2222-3333-444455556666",
    "email_verified": True,
    "preferred_username": "ada",
    "email": "ada@example.com",
    "groups": ["/mlflow", "/teams/vision"],
    "realm_access": {"roles": ["offline_access", "uma_authorization", "mlflow-admin"]},
    "resource_access": {"account": {"roles": ["view-profile"]}, "mlflow.example.com": {"roles": ["writer"]}},
}
