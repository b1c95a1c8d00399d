"""The process that runs `mlflow server`: a child of `flowship up`, and what `flowship serve` turns into."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, NoReturn

from flowship.errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

START_LIMIT = 180.0
"""Seconds until the first answer; a slow disk and a cold cache take one of them."""
STOP_LIMIT = 30.0
"""Seconds that running requests may take to end after Ctrl-C."""


def command(arguments: Iterable[str]) -> list[str]:
    """The command line of the server; it holds no secret. `-P` keeps the current directory from shadowing libraries."""
    return [sys.executable, "-P", "-m", "mlflow", "server", *arguments]


def require_free(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on.

    Raises:
        ServerError: it is taken, or not one of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise ServerError(
            f"Cannot listen on {host}, port {port} ({error.strerror}). Choose another with --port or --host."
        ) from error


def start(
    arguments: Iterable[str], environ: Mapping[str, str], directory: Path, keep_open: int
) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own, so that Ctrl-C reaches it once, through us."""
    return subprocess.Popen(
        command(arguments), env=environ, cwd=directory, start_new_session=True, pass_fds=(keep_open,)
    )


def replace_this_process(arguments: Iterable[str], environ: Mapping[str, str], directory: Path) -> NoReturn:
    """Become the server, so that signals of a container's runtime reach it."""
    os.chdir(directory)
    line = command(arguments)
    os.execve(line[0], line, dict(environ))  # noqa: S606 - no shell is wanted


def wait_until_answering(server: subprocess.Popen[bytes], url: str) -> None:
    """Return at the first answer.

    Raises:
        ServerError: the server ended, or did not answer in time.
    """
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise ServerError(f"The server ended with status {server.returncode}; its last lines above say why.")
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own http:// address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise ServerError(f"The server did not answer at {url} within {START_LIMIT:.0f} s.")


def stop(server: subprocess.Popen[bytes]) -> None:
    """End the server and everything it started: first asked, then, past the limit, forced."""
    if server.poll() is None:
        server.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(STOP_LIMIT)
    try:
        os.killpg(server.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    server.wait()
