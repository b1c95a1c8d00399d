from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest

from flowship.auth.methods.oidc.provider.asking import Answer
from flowship.auth.methods.oidc.provider.id_token import Expected, verified
from flowship.auth.methods.oidc.provider.keys import Keys
from flowship.auth.methods.oidc.provider.signed_token import LONGEST, SKEW, BadTokenError
from tests.unit.auth.methods.oidc.fake_provider import CLIENT, EC_KEY, KEY, OTHER_KEY, signed

ISSUER = "https://id.example.com"
NOW = 1_800_000_000
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "sub": "1",
    "aud": CLIENT,
    "iat": NOW - 5,
    "exp": NOW + 300,
    "nonce": "this log-in's",
}
EXPECTED = Expected(ISSUER, CLIENT, ("RS256", "ES256"), "this log-in's")


def published() -> Keys:
    keys = [dict(each.as_dict(private=False)) for each in (KEY, EC_KEY)]
    return Keys(lambda: Answer("https://id.example.com/keys", 200, json.dumps({"keys": keys}).encode()))


def verify(token: str, expected: Expected = EXPECTED) -> dict[str, Any]:
    return verified(token, published(), expected, lambda: NOW)


def text(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "another"], "azp": CLIENT},
        {"azp": CLIENT},
        {"exp": NOW - SKEW + 1},
        {"iat": NOW + SKEW, "nbf": NOW + SKEW},
        {"exp": NOW + 0.5},
    ],
)
def test_a_token_of_the_provider_for_this_log_in_is_taken(changed: dict[str, Any]) -> None:
    assert verify(signed(CLAIMS | changed)) == CLAIMS | changed
    assert verify(signed(CLAIMS | changed, EC_KEY, "ES256")) == CLAIMS | changed


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"iss": "https://evil.example.com"}, "is another issuer's"),
        ({"iss": f"{ISSUER}/"}, "is another issuer's"),
        ({"iss": None}, "is another issuer's"),
        ({"iss": ["https://id.example.com"]}, "is another issuer's"),
        ({"sub": ""}, "does not say whom it is about"),
        ({"sub": None}, "does not say whom it is about"),
        ({"sub": 7}, "does not say whom it is about"),
        ({"aud": "another"}, "is for another client than oidcAuth.clientId"),
        ({"aud": []}, "is for another client than oidcAuth.clientId"),
        ({"aud": None}, "is for another client than oidcAuth.clientId"),
        ({"aud": {CLIENT: 1}}, "is for another client than oidcAuth.clientId"),
        ({"aud": [CLIENT, "another"]}, "was issued to another client than oidcAuth.clientId"),
        ({"azp": "another"}, "was issued to another client than oidcAuth.clientId"),
        ({"exp": NOW - SKEW}, "has expired; see whether this machine's clock is right"),
        ({"exp": None}, "does not say when it was issued, or until when it is valid"),
        ({"iat": None}, "does not say when it was issued, or until when it is valid"),
        ({"exp": "never"}, "has a exp that is no time"),
        ({"exp": True}, "has a exp that is no time"),
        ({"exp": 1e300}, "has a exp that is no time"),
        ({"iat": NOW + SKEW + 1}, "is not valid yet; see whether this machine's clock is right"),
        ({"nbf": NOW + SKEW + 1}, "is not valid yet; see whether this machine's clock is right"),
        ({"nonce": "another's"}, "is not for this log-in: its nonce is another one"),
        ({"nonce": None}, "is not for this log-in: its nonce is another one"),
    ],
)
def test_a_token_that_says_something_else_is_refused(changed: dict[str, Any], why: str) -> None:
    claims = {name: value for name, value in (CLAIMS | changed).items() if value is not None}

    with pytest.raises(BadTokenError) as refused:
        verify(signed(claims))

    assert refused.value.detail == f"the id token {why}"
    assert "not logged in" in str(refused.value)


def test_a_token_that_is_not_signed_is_refused() -> None:
    for algorithm in ("none", "None", "NONE", ""):
        with pytest.raises(BadTokenError, match="not logged in") as refused:
            verify(f"{text({'alg': algorithm, 'kid': 'one'})}.{text(CLAIMS)}.")
        assert refused.value.detail.endswith("in a way that the provider has named, or that is safe")


@pytest.mark.parametrize("names", [("HS256",), ("RS256", "HS256")])
def test_what_is_public_is_no_secret_to_sign_with(names: tuple[str, ...]) -> None:
    """Even were HS256 among the algorithms, a public key would not be taken for a shared secret."""
    signed_part = f"{text({'alg': 'HS256', 'kid': 'one'})}.{text(CLAIMS)}"
    for secret in (KEY.as_pem(private=False), json.dumps(KEY.as_dict(private=False)).encode()):
        mac = base64.urlsafe_b64encode(hmac.digest(secret, signed_part.encode(), hashlib.sha256)).rstrip(b"=")
        forged = f"{signed_part}.{mac.decode()}"
        with pytest.raises(BadTokenError):
            verify(forged)
        with pytest.raises(BadTokenError) as refused:
            verify(forged, Expected(ISSUER, CLIENT, names, "this log-in's"))
        assert refused.value.detail == "the id token is signed with a key that the provider does not publish"


def test_a_key_of_somebody_else_is_refused_whatever_it_is_called() -> None:
    with pytest.raises(BadTokenError) as refused:
        verify(signed(CLAIMS, OTHER_KEY))

    assert refused.value.detail == "the id token has a signature that is not the provider's"


def test_a_key_in_the_token_itself_is_not_looked_at() -> None:
    from joserfc import jwt

    own = dict(OTHER_KEY.as_dict(private=False))
    header = {"alg": "RS256", "kid": "one", "jwk": own, "jku": "https://evil.example.com/keys"}
    with pytest.raises(BadTokenError):
        verify(jwt.encode(header, CLAIMS, OTHER_KEY))


def test_claims_that_were_changed_are_refused() -> None:
    header, _, signature = signed(CLAIMS).split(".")

    with pytest.raises(BadTokenError):
        verify(f"{header}.{text(CLAIMS | {'sub': 'admin'})}.{signature}")


@pytest.mark.parametrize(
    "token",
    ["", "a", "a.b.c", "..", "é.é.é", "a.b.c.d.e", f"{text({'alg': 'RS256', 'kid': 7})}.e30.", "x" * (LONGEST + 1)],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(BadTokenError):
        verify(token)


def test_a_header_that_must_be_understood_and_is_not_is_refused() -> None:
    header, claims, signature = signed(CLAIMS).split(".")
    del header
    with pytest.raises(BadTokenError):
        verify(f"{text({'alg': 'RS256', 'kid': 'one', 'crit': ['x'], 'x': 1})}.{claims}.{signature}")


def test_a_token_without_the_name_of_its_key_is_tried_with_each() -> None:
    from joserfc import jwt

    assert verify(jwt.encode({"alg": "RS256"}, CLAIMS, KEY)) == CLAIMS


def test_a_refresh_brings_no_nonce() -> None:
    refreshed = {name: value for name, value in CLAIMS.items() if name != "nonce"}

    assert verify(signed(refreshed), Expected(ISSUER, CLIENT, ("RS256",), None)) == refreshed


def test_google_writes_its_name_in_two_ways() -> None:
    google = Expected("https://accounts.google.com", CLIENT, ("RS256",), "this log-in's")
    for name in ("https://accounts.google.com", "accounts.google.com"):
        assert verify(signed(CLAIMS | {"iss": name}), google)["iss"] == name
    with pytest.raises(BadTokenError):
        verify(signed(CLAIMS | {"iss": "accounts.google.com.example.com"}), google)


def test_the_clock_is_this_machines() -> None:
    now = int(time.time())

    assert verified(signed(CLAIMS | {"iat": now, "exp": now + 60}), published(), EXPECTED)["exp"] == now + 60
