"""Connections to the workers: spread evenly, and encrypted where a certificate is given."""

from __future__ import annotations

import ssl
from collections import Counter
from contextlib import ExitStack, closing
from http.client import HTTPException, HTTPSConnection
from ssl import SSLError
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.integration.flowship import running, serving
from tests.integration.server.asking import LIMIT, SEARCH, answering, ask, connect, eventually, workers

if TYPE_CHECKING:
    from pathlib import Path

    import trustme

WORKERS = 3
KEPT = 9


def test_kept_connections_are_spread_over_the_workers(tmp_path: Path) -> None:
    with running({"extraArgs": {"workers": WORKERS}}, data=tmp_path / "data") as server, ExitStack() as kept:
        workers(server, WORKERS)
        seen = len(server.log())
        for _ in range(KEPT):
            connection = kept.enter_context(closing(connect(server.address)))
            assert ask(connection, SEARCH).status == 200
        eventually(lambda: len(answering(server.log()[seen:])) >= KEPT)

        counts = Counter(answering(server.log()[seen:]))
        assert len(counts) == WORKERS
        assert min(counts.values()) >= KEPT // WORKERS - 1, counts  # on a busy machine one may come too late


def test_with_a_certificate_the_main_port_speaks_https_and_outlives_those_who_do_not(
    certificate_authority: trustme.CA, tmp_path: Path
) -> None:
    issued = certificate_authority.issue_cert("127.0.0.1")
    certificate, key, authority = tmp_path / "tls.crt", tmp_path / "tls.key", tmp_path / "ca.crt"
    issued.private_key_pem.write_to_path(str(key))
    certificate.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
    certificate_authority.cert_pem.write_to_path(str(authority))
    arguments = ("--tls-certificate", str(certificate), "--tls-key", str(key))
    with serving({"extraArgs": {"workers": 1}}, data=tmp_path / "data", arguments=arguments) as server:
        with pytest.raises((HTTPException, OSError)):
            ask(server.address, SEARCH)
        port = urlsplit(server.address).port
        with closing(HTTPSConnection("127.0.0.1", port, timeout=LIMIT)) as distrusting, pytest.raises(SSLError):
            ask(distrusting, SEARCH)

        trusting = ssl.create_default_context(cafile=str(authority))
        with closing(HTTPSConnection("127.0.0.1", port, timeout=LIMIT, context=trusting)) as connection:
            assert [ask(connection, SEARCH).status for _ in range(2)] == [200, 200]
        assert "Traceback" not in server.log()
