from __future__ import annotations

import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest
import trustme

from flowship.errors import ServerError
from flowship.server import process
from flowship.server.process import Forked


def test_a_free_address_is_accepted() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    process.require_free("127.0.0.1", port)


def test_a_taken_port_is_refused_with_what_to_write_instead() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(
            ServerError,
            match=rf"Cannot listen on 127.0.0.1, port {port} \(Address already in use\). Choose another with --port",
        ):
            process.require_free("127.0.0.1", port)
        with pytest.raises(ServerError, match=r"Choose another with --inner-port or --host\.$"):
            process.require_free("127.0.0.1", 0, port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(ServerError, match=r"Cannot listen on 192.0.2.1, port 5000"):
        process.require_free("192.0.2.1", 5000)


def test_a_server_that_ends_at_once_is_not_waited_for() -> None:
    server = _started("raise SystemExit(7)")

    assert not process.answers(server, "http://127.0.0.1:9/health")
    assert server.status == 7


def test_a_server_is_asked_directly_whatever_proxy_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    script = "from http.server import HTTPServer, SimpleHTTPRequestHandler as Handler; "
    server = _started(f"{script}HTTPServer(('127.0.0.1', {port}), Handler).serve_forever()")
    try:
        assert process.answers(server, f"http://127.0.0.1:{port}/")
    finally:
        process.stop(server, signal.SIGTERM, 10)

    assert server.status == -signal.SIGTERM


def test_stopping_also_ends_what_the_server_started(tmp_path: Path) -> None:
    started = tmp_path / "started"
    script = (
        "import pathlib, subprocess, sys, time; "
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
        f"pathlib.Path({str(started)!r}).write_text(str(child.pid)); "
        "time.sleep(600)"
    )
    server = _running(script, started)

    process.stop(server, signal.SIGTERM, 10)

    assert server.status == -signal.SIGTERM
    assert _has_ended(int(started.read_text()))


def test_another_ctrl_c_while_stopping_asks_the_server_again(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    script = (
        "import os, pathlib, signal; asked = []; "
        "signal.signal(signal.SIGINT, lambda *_: os._exit(3) if asked else asked.append(1)); "
        f"pathlib.Path({str(ready)!r}).write_text('ready'); "
        "[signal.pause() for _ in range(9)]"
    )
    server = _running(script, ready)

    before = signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, 0.3)  # the second Ctrl-C
    try:
        process.stop(server, signal.SIGINT, 60)
    finally:
        signal.signal(signal.SIGALRM, before)

    assert server.status == 3


def test_half_a_certificate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"--tls-certificate and --tls-key belong together. Give both, or neither."):
        process.require_certificate(tmp_path / "tls.crt", None)


def test_a_certificate_that_is_none_is_refused_with_its_path(tmp_path: Path) -> None:
    certificate, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    certificate.write_text("no PEM")
    key.write_text("no PEM")

    with pytest.raises(ServerError, match=rf"Cannot serve HTTPS with the certificate {certificate} and the key {key}"):
        process.require_certificate(certificate, key)


def test_a_certificate_with_its_key_is_accepted(tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("localhost")
    certificate, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())

    process.require_certificate(certificate, key)


def _started(script: str) -> Forked:
    return Forked(os.posix_spawn(sys.executable, [sys.executable, "-c", script], os.environ, setsid=True))


def _running(script: str, note: Path) -> Forked:
    """A server that runs this script, which has written to the note when it is ready."""
    server = _started(script)
    deadline = time.monotonic() + 20
    while not (note.exists() and note.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return server


def _has_ended(pid: int) -> bool:
    """Whether a process is gone or waits only to be reaped."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        status = Path(f"/proc/{pid}/status")
        try:
            if "State:\tZ" in status.read_text():
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def test_two_ports_that_are_the_same_are_refused() -> None:
    with pytest.raises(ServerError) as refused:
        process.require_free("127.0.0.1", 5000, 5000)

    assert str(refused.value) == "--port and --inner-port are both 5000. Choose another for one of them."
