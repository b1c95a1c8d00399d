from __future__ import annotations

import base64

import pytest

from flowship.auth.authenticator import Credentials
from flowship.auth.gate import basic_header as header


def basic(decoded: bytes) -> bytes:
    return b"Basic " + base64.b64encode(decoded)


@pytest.mark.parametrize(
    ("decoded", "username", "password"),
    [
        (b"ann:open sesame", "ann", "open sesame"),
        (b"ann:a:b:c", "ann", "a:b:c"),
        (b"ann:", "ann", ""),
        (b"ann", "ann", ""),
        ("änn:密码🔑".encode(), "änn", "密码🔑"),
        ("änn:pässword".encode("latin-1"), "änn", "pässword"),
        (b"ann:\x00", "ann", "\0"),
        (b"ann:" + b"x" * 10_000, "ann", "x" * 10_000),
    ],
)
def test_any_credentials_are_read(decoded: bytes, username: str, password: str) -> None:
    assert header.credentials(basic(decoded)) == Credentials(username, password)


@pytest.mark.parametrize(
    "value",
    [basic(b":password"), basic(b""), basic(b"a\x00b:x"), basic(b"x" * 256 + b":x"), b"Basic ???", b"Basic YW5uOng"],
)
def test_what_nobody_can_have_is_nobodys(value: bytes) -> None:
    assert header.credentials(value) is None


def test_only_basic_is_basic() -> None:
    assert [header.is_basic(value) for value in (b"Basic x", b"bAsIc x", b"Bearer x", b"Basic", b"")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_header_with_a_name_holds_no_password() -> None:
    assert header.credentials(header.basic("änn")) == Credentials("änn", "")
