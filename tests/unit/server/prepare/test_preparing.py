from __future__ import annotations

import http.client
import socket

import pytest

from flowship.server.prepare.preparing import answering


def asked(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    return connection.getresponse().status


def test_a_process_that_prepares_is_well_but_not_ready() -> None:
    with answering("127.0.0.1", 0) as port:
        found = [asked(port, path) for path in ("/health", "/ready", "/metrics")]

    assert found == [200, 503, 503]


def test_the_port_is_free_again_afterwards_even_after_a_failure() -> None:
    ports = []

    def failing() -> None:
        with answering("127.0.0.1", 0) as port:
            ports.append(port)
            asked(port, "/health")
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        failing()

    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", *ports))
