from __future__ import annotations

import pytest

from flowship.server.http.addresses.client_address import client_address, networks

PROXIES = networks(["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("198.51.100.1", [], "198.51.100.1"),
        ("198.51.100.1", ["203.0.113.9"], "198.51.100.1"),
        ("10.1.2.3", [], "10.1.2.3"),
        ("10.1.2.3", ["203.0.113.9"], "203.0.113.9"),
        ("10.1.2.3", ["6.6.6.6, 203.0.113.9"], "203.0.113.9"),
        ("10.1.2.3", ["6.6.6.6, 203.0.113.9, 192.0.2.7"], "203.0.113.9"),
        ("10.1.2.3", ["6.6.6.6", "203.0.113.9, 192.0.2.7"], "203.0.113.9"),
        ("10.1.2.3", ["10.9.9.9"], "10.9.9.9"),
        ("10.1.2.3", ["203.0.113.9:4711"], "203.0.113.9"),
        ("10.1.2.3", ["[2001:db9::1]:4711"], "2001:db9::1"),
        ("2001:db8::1", ["2001:db9::1"], "2001:db9::1"),
        ("::ffff:10.1.2.3", ["203.0.113.9"], "203.0.113.9"),
        ("10.1.2.3", ["6.6.6.6, unknown"], "10.1.2.3"),
        ("10.1.2.3", ["6.6.6.6, <script>, 192.0.2.7"], "192.0.2.7"),
        ("", ["203.0.113.9"], ""),
    ],
)
def test_the_address_is_the_last_one_that_a_trusted_proxy_vouches_for(
    peer: str, forwarded: list[str], address: str
) -> None:
    assert client_address(peer, forwarded, PROXIES) == address


def test_no_proxy_is_trusted_unless_named() -> None:
    assert client_address("127.0.0.1", ["203.0.113.9"], networks([])) == "127.0.0.1"
