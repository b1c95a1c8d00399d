from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flowship.errors import ServerError
from flowship.server import process


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


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(ServerError, match=r"Cannot listen on 192.0.2.1, port 5000"):
        process.require_free("192.0.2.1", 5000)


def test_a_server_that_ends_at_once_is_not_waited_for() -> None:
    server = subprocess.Popen([sys.executable, "-c", "raise SystemExit(7)"])

    with pytest.raises(ServerError, match="The server ended with status 7"):
        process.wait_until_answering(server, "http://127.0.0.1:9/health")


def test_stopping_also_ends_what_the_server_started(tmp_path: Path) -> None:
    started = tmp_path / "started"
    script = (
        "import pathlib, subprocess, sys, time; "
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
        f"pathlib.Path({str(started)!r}).write_text(str(child.pid)); "
        "time.sleep(600)"
    )
    server = subprocess.Popen([sys.executable, "-c", script], start_new_session=True)
    deadline = time.monotonic() + 20
    while not (started.exists() and started.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)

    process.stop(server)

    assert server.returncode is not None
    assert _has_ended(int(started.read_text()))


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
