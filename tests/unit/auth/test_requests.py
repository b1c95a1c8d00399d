from __future__ import annotations

from flowship.auth.requests import client, header, network_of


def test_a_request_may_come_from_nobody_knows_where() -> None:
    assert client({"client": ("192.0.2.9", 1234)}) == "192.0.2.9"
    assert client({"client": None}) == client({}) == ""


def test_requests_are_counted_where_one_person_has_all_addresses_by_the_network() -> None:
    assert network_of("192.0.2.9") == network_of("::ffff:192.0.2.9") == "192.0.2.9"
    assert network_of("2001:db8:0:1::9") == network_of("2001:db8:0:1:ffff::1") == "2001:db8:0:1::/64"
    assert network_of("fe80::1%eth0") == "fe80::/64"
    assert network_of("") == ""


def test_of_headers_of_one_name_the_first_counts() -> None:
    scope = {"headers": [(b"Host", b"a"), (b"host", b"b"), (b"user-agent", b"\xe9")]}

    assert (header(scope, b"host"), header(scope, b"user-agent"), header(scope, b"origin")) == ("a", "é", "")
