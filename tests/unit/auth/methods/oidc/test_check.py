from __future__ import annotations

from flowship.auth.methods.oidc.check import checks
from tests.unit.auth.methods.oidc.fake_provider import FakeProvider, fake_provider


def said(provider: FakeProvider) -> list[tuple[bool, str]]:
    return [(check.works, check.sentence.replace(provider.url, "URL")) for check in checks(provider.settings())]


def test_a_provider_that_can_be_used_is_told() -> None:
    with fake_provider() as provider:
        provider.token, provider.token_status = {"error": "invalid_grant"}, 400
        assert said(provider) == [
            (True, "oidcAuth: URL/.well-known/openid-configuration is the discovery document of URL"),
            (True, "oidcAuth: URL/keys has 1 key for signatures"),
            (True, "oidcAuth: the provider knows oidcAuth.clientId with its secret"),
            (True, "oidcAuth: the provider offers no log-out, so who logs out here stays signed in there"),
        ]


def test_what_is_wrong_is_told() -> None:
    with fake_provider() as provider:
        provider.token, provider.token_status = {"error": "invalid_client"}, 401
        provider.keys = []
        provider.discovery["end_session_endpoint"] = f"{provider.url}/logout"
        assert said(provider)[1:] == [
            (False, "oidcAuth: URL/keys has no key of RSA or EC to verify tokens with; add one there"),
            (
                False,
                "oidcAuth: URL/token does not know this client (invalid_client); correct oidcAuth.clientId and "
                "oidcAuth.clientSecret",
            ),
        ]


def test_a_provider_that_is_another_one_ends_the_checks() -> None:
    with fake_provider() as provider:
        provider.discovery["issuer"] = "https://evil.example.com"
        ((works, sentence),) = said(provider)
    assert not works
    assert "says that its issuer is https://evil.example.com, not URL" in sentence


def test_a_provider_that_takes_any_code_is_not_to_be_used() -> None:
    with fake_provider() as provider:
        assert said(provider)[2] == (
            False,
            "oidcAuth: the provider gives tokens for a code that nobody was given; do not use it",
        )
