from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from flowship.server.processes import attending
from flowship.server.processes.child import Child


def test_a_server_that_ends_at_once_is_not_waited_for() -> None:
    server = _started("raise SystemExit(7)")

    assert not attending.answers(server, "http://127.0.0.1:9/health")
    assert server.status == 7


def test_a_server_is_asked_directly_whatever_proxy_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    script = "from http.server import HTTPServer, SimpleHTTPRequestHandler as Handler; "
    server = _started(f"{script}HTTPServer(('127.0.0.1', {port}), Handler).serve_forever()")
    try:
        assert attending.answers(server, f"http://127.0.0.1:{port}/")
    finally:
        attending.stop(server, signal.SIGTERM, 10)

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

    attending.stop(server, signal.SIGTERM, 10)

    assert server.status == -signal.SIGTERM
    assert _has_ended(int(started.read_text()))


def test_another_ctrl_c_while_stopping_asks_the_server_again(tmp_path: Path) -> None:
    ready, asked = tmp_path / "ready", tmp_path / "asked"
    script = (
        f"import os, pathlib, signal; asked = pathlib.Path({str(asked)!r}); "
        "signal.signal(signal.SIGINT, lambda *_: os._exit(3) if asked.exists() else asked.write_text('once')); "
        f"pathlib.Path({str(ready)!r}).write_text('ready'); "
        "[signal.pause() for _ in range(9)]"
    )
    server = _running(script, ready)

    def press_again() -> None:
        _until_written(asked)
        os.kill(os.getpid(), signal.SIGINT)

    pressing = threading.Thread(target=press_again)
    pressing.start()
    attending.stop(server, signal.SIGINT, 60)
    pressing.join()

    assert server.status == 3


def _started(script: str) -> Child:
    return Child(os.posix_spawn(sys.executable, [sys.executable, "-c", script], os.environ, setsid=True))


def _running(script: str, note: Path) -> Child:
    """A server that runs this script, which has written to the note when it is ready."""
    server = _started(script)
    _until_written(note)
    return server


def _until_written(note: Path) -> None:
    deadline = time.monotonic() + 60
    while not (note.exists() and note.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _has_ended(pid: int) -> bool:
    """Whether a process is gone or waits only to be reaped."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        status = Path(f"/proc/{pid}/status")
        try:
            if "State:\tZ" in status.read_text():
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False
