from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from flowship.auth.authenticator import Claim, Credentials
from flowship.auth.gate.shown_secret import ShownSecret, like
from flowship.auth.gateway import Gateway
from flowship.auth.workloads.said_issuer import LONGEST, issuer_of
from tests.unit.auth.methods.oidc.fake_provider import signed
from tests.unit.auth.workloads.tokens import GITHUB, KUBERNETES, lasting

ISSUER = GITHUB["iss"]
TOKEN = signed(lasting(GITHUB))
SHOWN = ShownSecret(Gateway("/gateway/", b"x-mlflow-authorization", None))
TAKES = like(lambda token: issuer_of(token) == ISSUER)


def part(document: object) -> str:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(claims: object) -> str:
    return f"{part({'alg': 'RS256'})}.{part(claims)}.c2ln"


def scope(*values: bytes, path: str = "/api") -> dict[str, Any]:
    return {"type": "http", "path": path, "headers": [(b"Authorization", value) for value in values]}


def taken(*values: bytes) -> Claim | None:
    claim = SHOWN(scope(*values))
    return claim if claim and TAKES(claim) else None


def basic(password: str) -> bytes:
    return b"Basic " + base64.b64encode(f"ci:{password}".encode())


def test_a_token_of_a_trusted_issuer_is_a_claim_as_bearer_and_as_a_password() -> None:
    assert taken(b"Bearer " + TOKEN.encode()) == Claim(b"authorization", Credentials("", TOKEN), is_bearer=True)
    assert taken(b"bearer  " + TOKEN.encode()) == Claim(b"authorization", Credentials("", TOKEN), is_bearer=True)
    assert taken(basic(TOKEN)) == Claim(b"authorization", Credentials("ci", TOKEN))


@pytest.mark.parametrize(
    "values",
    [
        (),
        (b"",),
        (b"Bearer ",),
        (b"Bearer flowship_" + b"a" * 43,),
        (b"Bearer " + signed(lasting(KUBERNETES)).encode(),),
        (b"Bearer " + TOKEN.encode(), b"Bearer " + TOKEN.encode()),
        (b"Bearer " + TOKEN.encode() + b" ",) * 2,
        (b"Digest " + TOKEN.encode(),),
        (basic("a password"),),
        (basic("eyJ.eyJ.eyJ"),),
        (basic(signed(lasting(KUBERNETES))),),
        (b"Basic %%%",),
    ],
)
def test_other_claims_are_left_to_others(values: tuple[bytes, ...]) -> None:
    """Such as the token of a proxy in front, and a password that looks like one."""
    assert taken(*values) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        "eyJ",
        "eyJh.b",
        unsigned([]),
        unsigned("text"),
        unsigned({}),
        unsigned({"iss": [ISSUER]}),
        unsigned({"iss": None}),
        unsigned(b"{"),
        unsigned(b"\xff"),
        unsigned(b"[" * 9000),
        unsigned(b'{"iss":' + b"9" * 5000 + b"}"),
        unsigned({"iss": ISSUER}) + "\n",
        unsigned({"iss": ISSUER}) + ".more",
        unsigned({"iss": ISSUER, "more": "x" * LONGEST}),
        unsigned({"iss": ISSUER}).replace("c2ln", "ünï"),
    ],
)
def test_what_is_no_token_names_no_issuer(token: str) -> None:
    assert issuer_of(token) is None


def test_the_issuer_is_read_as_the_verified_claims_are() -> None:
    """Of two with the same name, the last counts for both."""
    assert issuer_of(unsigned(b'{"iss": "https://evil.example.com", "iss": "%s"}' % ISSUER.encode())) == ISSUER
