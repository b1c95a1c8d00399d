from __future__ import annotations

import asyncio
import logging

import pytest

from flowship.server.http.addresses.hosts import Hosts, is_allowed
from tests.unit.server.asgi import Answer, ask, hello

MLFLOW = ["localhost", "[::1]", "localhost:*", "127.0.0.1:*", "[[]::1]:*", "192.168.*", "10.*", "172.16.*", "fd00:*"]
OWN = ["mlflow.example.com", "mlflow.example.com:*", "*.team.example", "*.team.example:*", "10.20.*", "2nd.example:*"]


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:5000",
        "127.0.0.1:5000",
        "[::1]",
        "[::1]:5000",
        "10.1.2.3",
        "10.1.2.3:5000",
        "192.168.0.7:80",
        "172.16.9.9:5000",
        "mlflow.example.com",
        "mlflow.example.com:8443",
        "a.team.example",
        "a.team.example:5000",
        "10.20.1.1",
        "2nd.example:5000",
    ],
)
def test_who_reaches_the_server_by_a_name_of_it_or_a_private_address_is_let_in(host: str) -> None:
    assert is_allowed(host, [*MLFLOW, *OWN])


@pytest.mark.parametrize(
    "host",
    [
        "10.evil.example",
        "10.evil.example:5000",
        "192.168.evil.example",
        "192.168.0.1.evil.example",
        "10.1",
        "10.1.2.3.4",
        "172.16.evil.example",
        "172.16.0.1@evil.example",
        "10.20.evil.example",
        "10.1.2.3.",
        "10.0.0.1:evil",
        "10.",
        "",
        "localhost:5000/path",
        "localhost:5000@evil.example",
        "localhost:evil",
        "evil.example",
        "team.example",
        "8.8.8.8",
        "mlflow.example.com.evil.example",
        "localhost,evil.example",
        "localhost evil.example",
        "[::1]evil",
        "fd00:evil",
    ],
)
def test_a_name_that_only_looks_like_an_address_or_a_host_of_ours_is_refused(host: str) -> None:
    assert not is_allowed(host, [*MLFLOW, *OWN])


def asked(*hosts: bytes, path: str = "/api") -> Answer:
    front = Hosts(hello, MLFLOW, lambda path: path == "/version", "no")
    return asyncio.run(ask(front, path, headers=[(b"host", host) for host in hosts]))


def test_a_refused_host_gets_mlflows_words_and_is_named_in_the_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowship.server.reporting.seldom.EVERY", 0)

    answer = asked(b"10.evil.example")

    assert (answer.status, answer.body) == (403, b"no")
    assert caplog.record_tuples == [
        (
            "flowship.server.http.addresses.hosts",
            logging.WARNING,
            "requests for the host '10.evil.example' are refused; allowedHosts adds to those allowed",
        )
    ]


def test_a_request_has_one_host() -> None:
    assert asked(b"localhost").body == b"hello"
    assert asked().status == 403
    assert asked(b"localhost", b"localhost").status == 403


def test_what_any_host_may_ask_is_answered() -> None:
    assert asked(b"10.evil.example", path="/version").body == b"hello"
