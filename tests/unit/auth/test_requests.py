from __future__ import annotations

from flowship.auth.requests import client, header


def test_a_request_may_come_from_nobody_knows_where() -> None:
    assert client({"client": ("192.0.2.9", 1234)}) == "192.0.2.9"
    assert client({"client": None}) == client({}) == ""


def test_of_headers_of_one_name_the_first_counts() -> None:
    scope = {"headers": [(b"Host", b"a"), (b"host", b"b"), (b"user-agent", b"\xe9")]}

    assert (header(scope, b"host"), header(scope, b"user-agent"), header(scope, b"origin")) == ("a", "é", "")
