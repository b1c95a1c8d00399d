from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from flowship.auth.methods.oidc.provider.asking import LARGEST
from flowship.auth.methods.oidc.provider.errors import ProviderError
from flowship.auth.methods.oidc.provider.keys import ASKED_AGAIN_AFTER
from flowship.auth.methods.oidc.provider.signed_token import SKEW, BadTokenError
from flowship.auth.workloads.check import checks
from flowship.auth.workloads.issuers import Issuer
from flowship.auth.workloads.settings import Source
from flowship.values.model.server.oidc import WELL_KNOWN
from tests.unit.auth.clock import Clock
from tests.unit.auth.methods.oidc.fake_provider import EC_KEY, KEY, OTHER_KEY, FakeProvider, fake_provider, signed
from tests.unit.auth.workloads.tokens import GITHUB, JWKS, KUBERNETES, lasting, trusted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = 1_800_000_000


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    """An issuer that says of itself what GitHub and Kubernetes do: no endpoints for log-ins."""
    with fake_provider() as found:
        found.discovery = {
            "issuer": found.url,
            "jwks_uri": f"{found.url}/keys",
            "response_types_supported": ["id_token"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        yield found


def of(url: str, clock: Clock | None = None) -> Issuer:
    return Issuer(Source(url, "", "", ""), clock=clock or Clock(), now=lambda: NOW)


def token(provider: FakeProvider, **more: Any) -> str:
    return signed(lasting({**GITHUB, "iss": provider.url}, now=NOW) | more)


def given(claims: dict[str, Any], jwks: str = JWKS) -> Issuer:
    return Issuer(Source(claims["iss"], "", jwks, ""), now=lambda: NOW)


def why(issuer: Issuer, token: str) -> str:
    with pytest.raises(BadTokenError) as refused:
        issuer.verified(token)
    return refused.value.what


def test_an_issuer_is_asked_once_for_its_keys(provider: FakeProvider) -> None:
    issuer = of(provider.url)

    for _ in range(3):
        claims, seconds = issuer.verified(token(provider))
    assert claims["repository"] == "team/project"
    assert seconds == 300
    assert provider.paths() == [WELL_KNOWN, "/keys"]


def test_keys_that_somebody_makes_up_are_asked_for_every_ten_seconds_at_most(
    provider: FakeProvider, clock: Clock
) -> None:
    issuer = of(provider.url, clock)

    for number in range(100):
        made_up = signed(
            lasting({"iss": provider.url}, now=NOW),
            type(KEY).import_key({**KEY.as_dict(private=True), "kid": f"{number}"}),
        )
        assert why(issuer, made_up) == "is signed with a key that the provider does not publish"
    assert provider.paths() == [WELL_KNOWN, "/keys"]
    clock.now += ASKED_AGAIN_AFTER
    why(issuer, made_up)
    assert provider.paths() == [WELL_KNOWN, "/keys"] * 2


@pytest.mark.parametrize(
    ("path", "answer", "sentence"),
    [
        (WELL_KNOWN, (404, {}, b""), "answers 404; where only those who sign in may read it, as on Kubernetes, give"),
        (WELL_KNOWN, (200, {}, b"<html>"), "no JSON object; see whether oidcAuth.workloads[].issuer is right"),
        (WELL_KNOWN, (200, {}, b"[" * 100_000), "no JSON object; see whether oidcAuth.workloads[].issuer is right"),
        (WELL_KNOWN, (200, {}, b'{"issuer": "https://evil"}'), "is another issuer's; write the issuer as its tokens"),
        (WELL_KNOWN, (302, {"location": "/keys"}, b""), "sends elsewhere, which is not followed"),
        (WELL_KNOWN, (503, {}, b""), "answers 503"),
        ("/keys", (403, {}, b'{"kind": "Status"}'), "answers 403; where only those who sign in may read it"),
        ("/keys", (200, {}, b" " * (LARGEST + 1)), f"answers with more than {LARGEST} bytes"),
    ],
)
def test_an_issuer_that_does_not_answer_is_left_alone_for_ten_seconds(
    provider: FakeProvider, path: str, answer: tuple[int, dict[str, str], bytes], sentence: str
) -> None:
    clock = Clock()
    issuer = of(provider.url, clock)
    provider.raw[path] = answer

    for _ in range(20):
        with pytest.raises(ProviderError) as failed:
            issuer.verified(token(provider))
        assert sentence in str(failed.value)
    assert provider.paths().count(path) == 1
    provider.raw.clear()
    clock.now += ASKED_AGAIN_AFTER
    assert issuer.verified(token(provider))[1] == 300


@pytest.mark.parametrize("uri", ["http://keys.example.com/keys", "file:///etc/passwd", 7, None])
def test_keys_are_not_asked_for_where_others_could_answer(provider: FakeProvider, uri: object) -> None:
    provider.discovery["jwks_uri"] = uri

    with pytest.raises(
        ProviderError, match=r"names no jwks_uri that is https or on this machine; give the keys in oidc"
    ):
        of(provider.url).verified(token(provider))


def test_keys_that_are_given_are_asked_for_nowhere() -> None:
    assert given(KUBERNETES).verified(signed(lasting(KUBERNETES, now=NOW), EC_KEY, "ES256"))[1] == 300


def test_a_file_is_read_again_for_a_new_key(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "jwks.json"
    issuer = Issuer(Source(KUBERNETES["iss"], "", "", str(file)), clock=clock, now=lambda: NOW)
    with pytest.raises(
        ProviderError, match=r"jwks\.json cannot be read \(No such file or directory\); mount it, or corr"
    ):
        issuer.verified(signed(lasting(KUBERNETES, now=NOW)))
    clock.now += ASKED_AGAIN_AFTER
    file.write_text(json.dumps({"keys": [EC_KEY.as_dict(private=False)]}))
    assert (
        why(issuer, signed(lasting(KUBERNETES, now=NOW))) == "is signed with a key that the provider does not publish"
    )
    file.write_text(JWKS)
    clock.now += ASKED_AGAIN_AFTER

    assert issuer.verified(signed(lasting(KUBERNETES, now=NOW)))[0]["sub"] == KUBERNETES["sub"]


def test_a_file_that_is_no_set_of_keys_is_told(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    for content, sentence in (
        ("-", "see whether oidcAuth.workloads[].jwksFile is right"),
        ("x" * (LARGEST + 1), "more"),
    ):
        file.write_text(content)
        with pytest.raises(ProviderError) as failed:
            Issuer(Source("https://a", "", "", str(file))).keys.all()
        assert sentence in str(failed.value)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": "https://evil.example.com"}, "is another issuer's"),
        ({"exp": NOW - SKEW}, "has expired; see whether this machine's clock is right"),
        ({"nbf": NOW + SKEW + 1}, "is not valid yet; see whether this machine's clock is right"),
        ({"exp": None}, "does not say when it was issued, or until when it is valid"),
    ],
)
def test_a_token_that_is_not_valid_is_refused(changed: dict[str, Any], reason: str) -> None:
    assert why(given(GITHUB), signed(lasting(GITHUB, now=NOW) | changed)) == reason


def test_a_token_that_the_issuer_has_not_signed_is_refused() -> None:
    forged = signed(lasting(GITHUB, now=NOW), OTHER_KEY)
    header, claims, _ = forged.split(".")

    assert why(given(GITHUB), forged) == "has a signature that is not the provider's"
    assert why(given(GITHUB), f"{header}.{claims}.") == "has a signature that is not the provider's"


def test_a_token_near_its_end_is_taken_and_not_remembered() -> None:
    assert given(GITHUB).verified(signed(lasting(GITHUB, 0, now=NOW)))[1] == 0


def test_a_check_asks_each_issuer_once(provider: FakeProvider) -> None:
    entry = trusted({**GITHUB, "iss": provider.url}, "sub", source=Source(provider.url, "", "", ""))
    other = entry.model_copy(update={"place": "oidcAuth.workloads[1]"})

    assert list(checks([entry, other])) == [(True, f"oidcAuth.workloads[0]: {provider.url} has 1 key for signatures")]
    assert provider.paths() == [WELL_KNOWN, "/keys"]
    provider.keys.clear()
    (none,) = checks([entry])
    assert none == (
        False,
        f"oidcAuth.workloads[0]: {provider.url} has no key of RSA or EC to verify tokens with; add one there",
    )
    provider.raw["/keys"] = (403, {}, b"{}")
    (failed,) = checks([entry])
    assert not failed.works
    assert failed.sentence.startswith(f"oidcAuth.workloads[0]: {provider.url}/keys answers 403; where only")


@pytest.mark.parametrize(
    "header",
    [
        b"[" * 9000,
        b'{"alg":' * 3000,
        b'{"alg":' + b"9" * 5000 + b"}",
        b"\xff",
        b"7",
        b"[]",
        b"{}",
        b'{"alg": []}',
        b'{"alg": "none"}',
        b'{"alg": "HS256"}',
        b'{"alg": "ES384", "kid": "curve"}',
        b'{"alg": "RS256", "kid": []}',
        b'{"alg": "RS256", "crit": ["b64"], "b64": false}',
        b'{"alg": "RS256", "jku": "https://evil.example.com", "x5u": 1, "jwk": {}}',
    ],
    ids=lambda header: header[:30].decode("latin-1"),
)
def test_a_header_that_somebody_makes_up_is_refused_as_any_wrong_token(header: bytes) -> None:
    claims = signed(lasting(GITHUB, now=NOW)).split(".")[1]
    written = base64.urlsafe_b64encode(header).rstrip(b"=").decode()

    for signature in ("c2ln", "AA" * 300, ""):
        assert why(given(GITHUB), f"{written}.{claims}.{signature}")
