from __future__ import annotations

import socket
from pathlib import Path

import pytest
import trustme

from flowship.errors import ServerError
from flowship.server.prepare.listening import require_certificate, require_free


def test_a_free_address_is_accepted() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    require_free("127.0.0.1", port)


def test_a_taken_port_is_refused_with_what_to_write_instead() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(
            ServerError,
            match=rf"Cannot listen on 127.0.0.1, port {port} \(Address already in use\). Choose another with --port",
        ):
            require_free("127.0.0.1", port)
        with pytest.raises(ServerError, match=r"Choose another with --inner-port or --host\.$"):
            require_free("127.0.0.1", 0, port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(ServerError, match=r"Cannot listen on 192.0.2.1, port 5000"):
        require_free("192.0.2.1", 5000)


def test_half_a_certificate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"--tls-certificate and --tls-key belong together. Give both, or neither."):
        require_certificate(tmp_path / "tls.crt", None)


def test_a_certificate_that_is_none_is_refused_with_its_path(tmp_path: Path) -> None:
    certificate, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    certificate.write_text("no PEM")
    key.write_text("no PEM")

    with pytest.raises(ServerError, match=rf"Cannot serve HTTPS with the certificate {certificate} and the key {key}"):
        require_certificate(certificate, key)


def test_a_certificate_with_its_key_is_accepted(tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("localhost")
    certificate, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())

    require_certificate(certificate, key)


def test_two_ports_that_are_the_same_are_refused() -> None:
    with pytest.raises(ServerError) as refused:
        require_free("127.0.0.1", 5000, 5000)

    assert str(refused.value) == "--port and --inner-port are both 5000. Choose another for one of them."
