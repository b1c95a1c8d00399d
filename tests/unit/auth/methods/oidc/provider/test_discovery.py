from __future__ import annotations

from typing import Any

import pytest

from flowship.auth.methods.oidc.provider.asking import is_safe
from flowship.auth.methods.oidc.provider.discovery import discovered
from flowship.auth.methods.oidc.provider.errors import ProviderSetupError
from tests.unit.auth.methods.oidc import recorded

URL = "https://id.example.com/.well-known/openid-configuration"
DOCUMENT: dict[str, Any] = {
    "issuer": "https://id.example.com",
    "authorization_endpoint": "https://id.example.com/authorize",
    "token_endpoint": "https://id.example.com/token",
    "jwks_uri": "https://keys.example.com/",
}


def refusal(changed: dict[str, Any], url: str = URL, issuer: str = "") -> str:
    document = {name: value for name, value in (DOCUMENT | changed).items() if value is not None}
    with pytest.raises(ProviderSetupError) as refused:
        discovered(document, url, issuer)
    return str(refused.value)


def test_a_document_need_say_no_more_than_the_specification_wants() -> None:
    found = discovered(DOCUMENT, URL)

    assert (found.algorithms, found.secret_in_header, found.end_session_endpoint) == (("RS256",), True, "")


@pytest.mark.parametrize("missing", ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_a_document_that_lacks_what_is_needed_is_another_one(missing: str) -> None:
    for nothing in (None, "", 7):
        assert refusal({missing: nothing}) == (
            f"{URL} does not name its {missing}; see whether oidcAuth.discoveryUrl is right"
        )


def test_the_issuer_is_what_the_address_says() -> None:
    assert discovered(DOCUMENT | {"issuer": "https://id.example.com/"}, URL).issuer == "https://id.example.com/"
    assert refusal({"issuer": "https://evil.example.com"}) == (
        f"{URL} says that its issuer is https://evil.example.com, not https://id.example.com; correct "
        "oidcAuth.discoveryUrl, or, if that is the provider's true name, write it in oidcAuth.issuer"
    )


def test_an_issuer_that_the_address_does_not_tell_can_be_given() -> None:
    document = DOCUMENT | {"issuer": "https://tenant.b2clogin.com/1/v2.0/"}

    assert discovered(document, URL, "https://tenant.b2clogin.com/1/v2.0/").issuer == document["issuer"]
    assert "not https://id.example.com;" in refusal({"issuer": document["issuer"]})
    assert "not https://another.example.com;" in refusal({}, issuer="https://another.example.com")
    assert "says that its issuer is https://id.example.com" in refusal({}, url="https://id.example.com/discovery")


@pytest.mark.parametrize(
    "name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"]
)
def test_an_address_at_which_tokens_could_be_read_is_refused(name: str) -> None:
    assert refusal({name: "http://id.example.com/x"}) == (
        f"{URL}: its {name}, http://id.example.com/x, is neither https nor on this machine"
    )
    assert discovered(DOCUMENT | {name: "http://127.0.0.1:1/x"}, URL)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example.com", True),
        ("http://localhost:80/a", True),
        ("http://127.8.0.1", True),
        ("http://[::1]:5000", True),
        ("HTTP://LOCALHOST", True),
        ("http://a.example.com", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("http://127.0.0.1@example.com/", False),
        ("http://0.0.0.0", False),
        ("ftp://localhost", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("//a", False),
        ("", False),
    ],
)
def test_only_tls_and_this_machine_are_safe(url: str, safe: bool) -> None:
    assert is_safe(url) is safe


@pytest.mark.parametrize(
    ("offered", "usable"),
    [
        (["none", "HS256", "RS256"], ("RS256",)),
        (["ES256", "PS512", "RS512"], ("RS512", "PS512", "ES256")),
        (None, ("RS256",)),
        ([], ("RS256",)),
    ],
)
def test_only_algorithms_with_a_pair_of_keys_are_used(offered: Any, usable: tuple[str, ...]) -> None:
    document = DOCUMENT | {"id_token_signing_alg_values_supported": offered}

    assert discovered(document, URL).algorithms == usable


def test_what_the_provider_does_not_offer_is_told() -> None:
    assert refusal({"id_token_signing_alg_values_supported": ["HS256", "none"]}) == (
        f"{URL} signs id tokens with HS256, none only; choose RS256 or ES256 at the provider"
    )
    assert refusal({"response_types_supported": ["id_token"]}) == (
        f"{URL} does not offer the authorization code flow; allow it at the provider"
    )
    assert refusal({"code_challenge_methods_supported": ["plain"]}) == (
        f"{URL} does not offer PKCE with S256; allow it at the provider"
    )
    assert refusal({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}) == (
        f"{URL} takes clients by private_key_jwt only; allow client_secret_basic at the provider"
    )


def test_the_secret_goes_into_the_form_where_no_header_is_taken() -> None:
    document = DOCUMENT | {"token_endpoint_auth_methods_supported": ["client_secret_post"]}

    assert not discovered(document, URL).secret_in_header


@pytest.mark.parametrize(
    ("url", "document"),
    [
        (recorded.ENTRA_URL, recorded.ENTRA),
        (recorded.GOOGLE_URL, recorded.GOOGLE),
        (recorded.OKTA_URL, recorded.OKTA),
        (recorded.KEYCLOAK_URL, recorded.KEYCLOAK),
    ],
)
def test_documents_of_real_providers_can_be_used(url: str, document: dict[str, Any]) -> None:
    found = discovered(document, url)

    assert found.issuer == document["issuer"]
    assert "RS256" in found.algorithms
    assert "HS256" not in found.algorithms


def test_entra_must_be_asked_for_one_tenant() -> None:
    with pytest.raises(ProviderSetupError, match=r"write your tenant's id in the place of `common`"):
        discovered(recorded.ENTRA_COMMON, recorded.ENTRA_COMMON_URL)


def test_entras_first_version_names_an_issuer_of_its_own() -> None:
    with pytest.raises(ProviderSetupError, match=r"write it in oidcAuth.issuer"):
        discovered(recorded.ENTRA_V1, recorded.ENTRA_V1_URL)
    issuer = recorded.ENTRA_V1["issuer"]
    assert discovered(recorded.ENTRA_V1, recorded.ENTRA_V1_URL, issuer).issuer == issuer
