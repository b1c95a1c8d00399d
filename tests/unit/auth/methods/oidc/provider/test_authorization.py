from __future__ import annotations

import dataclasses
from urllib.parse import parse_qs, urlsplit

from flowship.auth.methods.oidc.provider.authorization import LogIn, address, challenge, logout_address
from flowship.auth.methods.oidc.provider.discovery import discovered
from flowship.auth.methods.oidc.provider.settings import ProviderSettings
from tests.unit.auth.methods.oidc import recorded

KEYCLOAK = discovered(recorded.KEYCLOAK, recorded.KEYCLOAK_URL)
SETTINGS = ProviderSettings(
    discovery_url=recorded.KEYCLOAK_URL, client_id="mlflow & co", client_secret="secret", scopes=("openid", "groups")
)
BACK = "https://mlflow.example.com/login/oidc/callback"


def test_the_provider_is_asked_for_a_code() -> None:
    log_in = LogIn()
    url = address(KEYCLOAK, SETTINGS, log_in, BACK)

    assert url.startswith(f"{recorded.KEYCLOAK['authorization_endpoint']}?")
    assert parse_qs(urlsplit(url).query) == {
        "response_type": ["code"],
        "client_id": ["mlflow & co"],
        "redirect_uri": [BACK],
        "scope": ["openid groups"],
        "state": [log_in.state],
        "nonce": [log_in.nonce],
        "code_challenge": [challenge(log_in.verifier)],
        "code_challenge_method": ["S256"],
    }
    assert "secret" not in url
    assert log_in.verifier not in url
    assert log_in.browser not in url


def test_what_proves_a_log_in_is_never_the_same_and_never_shown() -> None:
    values = {value for _ in range(50) for value in dataclasses.astuple(LogIn())}

    assert len(values) == 200
    assert min(map(len, values)) == 43
    log_in = LogIn()
    assert not any(value in repr(log_in) for value in dataclasses.astuple(log_in))


def test_a_challenge_is_that_of_the_standard() -> None:
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_an_audience_is_asked_for_where_the_values_name_one() -> None:
    asked = SETTINGS.model_copy(update={"audience": "https://api.example.com"})

    assert parse_qs(urlsplit(address(KEYCLOAK, asked, LogIn(), BACK)).query)["audience"] == ["https://api.example.com"]


def test_an_address_with_a_query_keeps_it() -> None:
    b2c = dataclasses.replace(KEYCLOAK, authorization_endpoint="https://b2c.example.com/authorize?p=policy&x=")
    query = parse_qs(urlsplit(address(b2c, SETTINGS, LogIn(), BACK)).query, keep_blank_values=True)

    assert (query["p"], query["x"], query["response_type"]) == (["policy"], [""], ["code"])


def test_the_provider_ends_its_session_where_it_offers_that() -> None:
    url = logout_address(KEYCLOAK, SETTINGS, "the.id.token", "https://mlflow.example.com/login")

    assert url.startswith(f"{recorded.KEYCLOAK['end_session_endpoint']}?")
    assert parse_qs(urlsplit(url).query) == {
        "client_id": ["mlflow & co"],
        "post_logout_redirect_uri": ["https://mlflow.example.com/login"],
        "id_token_hint": ["the.id.token"],
    }
    google = discovered(recorded.GOOGLE, recorded.GOOGLE_URL)
    assert logout_address(google, SETTINGS, "the.id.token", "https://mlflow.example.com/login") == ""
    long = logout_address(KEYCLOAK, SETTINGS, "x" * 5000, "https://mlflow.example.com/login")
    assert "id_token_hint" not in long
