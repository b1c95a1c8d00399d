from __future__ import annotations

import base64
import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import pytest
import trustme

from flowship.auth.methods.oidc.members.logging_in import DISCOVERED_FOR, Account, LoggingIn
from flowship.auth.methods.oidc.provider.authorization import LogIn
from flowship.auth.methods.oidc.provider.errors import LogInRefusedError, ProviderDownError, ProviderSetupError
from tests.unit.auth.clock import Clock
from tests.unit.auth.methods.oidc.fake_provider import (
    CLIENT,
    KEY,
    OTHER_KEY,
    SECRET,
    FakeProvider,
    fake_provider,
    signed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

BACK = "http://127.0.0.1:5000/login/oidc/callback"
LOG_IN = LogIn()


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with fake_provider() as running:
        running.claims["nonce"] = LOG_IN.nonce
        yield running


def arrive(provider: FakeProvider, **more: Any) -> Any:
    return LoggingIn(provider.settings(**more)).arrived("the code", LOG_IN, BACK)


def test_a_code_becomes_a_user(provider: FakeProvider) -> None:
    found = arrive(provider)

    assert (found.account, found.username) == (Account(provider.url, "subject-1"), "ada@example.com")
    assert (found.rights.is_admin, found.refresh_token) == (False, "refresh")
    assert provider.paths() == ["/.well-known/openid-configuration", "/token", "/keys"]
    _, headers, form = provider.asked[1]
    assert form == {
        "grant_type": "authorization_code",
        "code": "the code",
        "redirect_uri": BACK,
        "code_verifier": LOG_IN.verifier,
    }
    user, _, secret = base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode().partition(":")
    assert (unquote_plus(user), unquote_plus(secret)) == (CLIENT, SECRET)


def test_nothing_of_it_is_in_what_is_shown(provider: FakeProvider) -> None:
    found = arrive(provider)

    assert "refresh" not in repr(found).replace("refresh_token", "")
    assert found.id_token not in repr(found)


def test_the_secret_can_go_into_the_form(provider: FakeProvider) -> None:
    provider.discovery["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    arrive(provider)

    _, headers, form = provider.asked[1]
    assert "authorization" not in headers
    assert (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)


def test_the_provider_is_asked_once_for_what_it_says_of_itself(provider: FakeProvider) -> None:
    clock = Clock()
    logging_in = LoggingIn(provider.settings(), clock=clock)
    for _ in range(3):
        logging_in.arrived("the code", LOG_IN, BACK)
    assert provider.paths().count("/.well-known/openid-configuration") == 1
    assert provider.paths().count("/keys") == 1

    clock.now += DISCOVERED_FOR
    logging_in.arrived("the code", LOG_IN, BACK)
    assert provider.paths().count("/.well-known/openid-configuration") == 2


def test_a_provider_that_is_away_is_not_asked_by_everybody(provider: FakeProvider) -> None:
    clock = Clock()
    logging_in = LoggingIn(provider.settings(), clock=clock)
    endpoint = provider.discovery["token_endpoint"]
    provider.discovery["token_endpoint"] = "http://127.0.0.1:1/token"

    for _ in range(3):
        with pytest.raises(ProviderDownError, match="Connection refused"):
            logging_in.arrived("the code", LOG_IN, BACK)
    assert len(provider.asked) == 1
    provider.discovery["token_endpoint"] = endpoint
    clock.now += DISCOVERED_FOR
    assert logging_in.arrived("the code", LOG_IN, BACK)


def test_a_provider_that_is_too_busy_is_told() -> None:
    with fake_provider() as provider:
        provider.raw["/.well-known/openid-configuration"] = 503, {}, b""
        with pytest.raises(ProviderDownError, match="answers 503"):
            arrive(provider)


@pytest.mark.parametrize(
    "changed", [{"nonce": "another"}, {"iss": "https://evil.example.com"}, {"aud": "another"}, {"exp": 1}, {"sub": ""}]
)
def test_a_token_that_is_not_for_this_log_in_lets_nobody_in(provider: FakeProvider, changed: dict[str, Any]) -> None:
    provider.claims |= changed

    with pytest.raises(LogInRefusedError, match="could not be verified"):
        arrive(provider)


def test_a_token_by_another_key_lets_nobody_in(provider: FakeProvider) -> None:
    provider.token = {"id_token": signed(provider.claims, OTHER_KEY)}

    with pytest.raises(LogInRefusedError, match="could not be verified"):
        arrive(provider)


def test_a_rotated_key_is_found(provider: FakeProvider) -> None:
    clock = Clock()
    logging_in = LoggingIn(provider.settings(), clock=clock)
    logging_in.arrived("the code", LOG_IN, BACK)
    provider.keys = [{**OTHER_KEY.as_dict(private=False), "kid": "two"}]
    token = signed(provider.claims, type(KEY).import_key({**OTHER_KEY.as_dict(private=True), "kid": "two"}))
    provider.token = {"id_token": token}
    clock.now += 100

    assert logging_in.arrived("the code", LOG_IN, BACK).username == "ada@example.com"


def test_what_the_token_leaves_out_the_provider_is_asked_for(provider: FakeProvider) -> None:
    """Okta's shape: groups and e-mail only in the userinfo."""
    del provider.claims["groups"], provider.claims["email"]
    provider.userinfo = {"sub": "subject-1", "email": "ada@example.com", "groups": ["mlflow-admin"]}
    found = arrive(provider)

    assert (found.username, found.rights.is_admin) == ("ada@example.com", True)
    assert provider.asked[-1][0] == "/userinfo"
    assert provider.asked[-1][1]["authorization"] == "Bearer access"


def test_what_the_token_says_counts_more(provider: FakeProvider) -> None:
    del provider.claims["email"]
    provider.userinfo = {"sub": "subject-1", "email": "ada@example.com", "groups": ["mlflow-admin"], "iss": "x"}

    assert arrive(provider).rights.is_admin is False


def test_another_users_userinfo_is_refused(provider: FakeProvider) -> None:
    del provider.claims["groups"]
    provider.userinfo = {"sub": "subject-2", "groups": ["mlflow-admin"]}

    with pytest.raises(LogInRefusedError, match="could not be verified"):
        arrive(provider)


def test_overage_is_told_and_the_provider_not_asked_in_vain(provider: FakeProvider) -> None:
    del provider.claims["groups"]
    provider.claims["_claim_names"] = {"groups": "src1"}

    with pytest.raises(LogInRefusedError, match="more groups than the provider puts into its answer"):
        arrive(provider)
    assert "/userinfo" not in provider.paths()


@pytest.mark.parametrize(
    ("status", "answer", "error", "words"),
    [
        (400, {"error": "invalid_grant", "error_description": "x"}, LogInRefusedError, "does not take this log-in"),
        (401, {"error": "invalid_client"}, ProviderSetupError, "correct oidcAuth.clientId and oidcAuth.clientSecret"),
        (400, {"error": "invalid_client"}, ProviderSetupError, "correct oidcAuth.clientId and oidcAuth.clientSecret"),
        (
            400,
            {"error": "invalid_scope"},
            ProviderSetupError,
            "answers invalid_scope; see how the client is registered",
        ),
        (400, {"error": "<b>\n"}, ProviderSetupError, "answers 400; see how"),
        (400, {}, ProviderSetupError, "answers 400; see how"),
        (200, {}, ProviderSetupError, "gives no id token; put `openid` into oidcAuth.scope"),
        (500, {}, ProviderDownError, "answers 500"),
        (429, {}, ProviderDownError, "answers 429"),
        (302, {}, ProviderSetupError, "sends elsewhere, which is not followed"),
    ],
)
def test_what_the_token_endpoint_says_no_to(
    provider: FakeProvider, status: int, answer: dict[str, Any], error: type[Exception], words: str
) -> None:
    provider.token, provider.token_status = answer, status

    with pytest.raises(error, match=words) as refused:
        arrive(provider)
    assert SECRET not in str(refused.value)
    assert "the code" not in str(refused.value)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"text"', b"\xff"])
def test_an_answer_that_is_no_document_is_told(provider: FakeProvider, body: bytes) -> None:
    provider.raw["/.well-known/openid-configuration"] = 200, {}, body

    with pytest.raises(ProviderSetupError, match="answers 200 and no JSON object; see whether"):
        arrive(provider)


def test_an_answer_without_end_is_not_read(provider: FakeProvider) -> None:
    provider.raw["/.well-known/openid-configuration"] = 200, {}, b" " * 2**21

    with pytest.raises(ProviderSetupError, match="answers with more than 1048576 bytes"):
        arrive(provider)


def test_a_provider_that_is_not_there_is_told(provider: FakeProvider) -> None:
    with pytest.raises(ProviderDownError, match=r"http://127.0.0.1:1/x cannot be asked: Connection refused"):
        arrive(provider, discovery_url="http://127.0.0.1:1/x")


def test_a_provider_without_tls_is_not_asked() -> None:
    with fake_provider() as provider, pytest.raises(ProviderSetupError, match="neither https nor on this machine"):
        LoggingIn(provider.settings(discovery_url="http://id.example.com/x")).discovered()


@pytest.fixture
def replaced() -> list[str]:
    """The refresh tokens that the provider gave in place of others."""
    return []


def test_a_refresh_tells_what_the_user_may_do_now(provider: FakeProvider, replaced: list[str]) -> None:
    logging_in = LoggingIn(provider.settings())
    before = logging_in.arrived("the code", LOG_IN, BACK)
    del provider.claims["nonce"]
    provider.claims["groups"] = ["mlflow-admin"]
    after = logging_in.asked_again(before.account, before.refresh_token, replaced.append)

    assert after.rights.is_admin
    assert provider.asked[-1][2] == {"grant_type": "refresh_token", "refresh_token": "refresh"}


def test_a_refresh_without_an_id_token_asks_for_the_user(provider: FakeProvider, replaced: list[str]) -> None:
    provider.token = {"access_token": "new access"}
    provider.userinfo = {"sub": "subject-1", "email": "ada@example.com", "groups": ["mlflow"]}

    found = LoggingIn(provider.settings()).asked_again(Account(provider.url, "subject-1"), "refresh", replaced.append)
    assert (found.username, found.rights.is_admin, found.refresh_token) == ("ada@example.com", False, "")


def test_who_is_in_no_group_any_more_is_refused_by_a_refresh(provider: FakeProvider, replaced: list[str]) -> None:
    provider.claims["groups"] = []

    with pytest.raises(LogInRefusedError, match="none of the groups"):
        LoggingIn(provider.settings()).asked_again(Account(provider.url, "subject-1"), "refresh", replaced.append)
    assert replaced == ["refresh"], "what the provider gave is told before what it says of the user"


def test_a_refresh_that_brings_another_user_is_refused(provider: FakeProvider, replaced: list[str]) -> None:
    with pytest.raises(LogInRefusedError, match="Log in again"):
        LoggingIn(provider.settings()).asked_again(Account(provider.url, "another"), "refresh", replaced.append)


def test_a_disabled_user_is_refused_by_a_refresh(provider: FakeProvider, replaced: list[str]) -> None:
    provider.token, provider.token_status = {"error": "invalid_grant"}, 400

    with pytest.raises(LogInRefusedError, match="Log in again"):
        LoggingIn(provider.settings()).asked_again(Account(provider.url, "subject-1"), "refresh", replaced.append)


def test_a_private_authority_is_trusted_only_where_it_is_given() -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with fake_provider(context) as fake:
        fake.raw["/.well-known/openid-configuration"] = 404, {}, b""
        stranger = LoggingIn(fake.settings())
        with pytest.raises(ProviderDownError, match=r"certificate is not trusted .* oidcAuth\.issuerCA"):
            stranger.discovered()
        assert fake.asked == []
        known = LoggingIn(fake.settings(ca=authority.cert_pem.bytes().decode()))
        with pytest.raises(ProviderSetupError, match="answers 404 and no JSON object"):
            known.discovered()
