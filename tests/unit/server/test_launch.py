from __future__ import annotations

import socket

from flowship.server.launch import own_names


def test_a_server_on_loopback_needs_no_name_of_its_own() -> None:
    assert [own_names(host) for host in ("127.0.0.1", "::1", "localhost")] == [[], [], []]


def test_a_server_on_one_address_is_reached_under_it() -> None:
    assert own_names("192.0.2.1") == ["192.0.2.1"]
    assert own_names("2001:db8::1") == ["[2001:db8::1]"]


def test_a_server_on_all_addresses_is_reached_under_the_machines_name() -> None:
    assert socket.gethostname() in own_names("0.0.0.0")
