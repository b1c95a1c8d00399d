"""The server's process, forked from this one or a new program, and what is refused before any server starts."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import socket
import ssl
import sys
import time
import urllib.request
from typing import TYPE_CHECKING, NoReturn

from flowship.errors import ServerError
from flowship.server.settings import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import FrameType

    from flowship.server.settings import ProcessSettings

LOOK = 0.05
"""Seconds between looks whether the server has ended or answers."""
FORCED_AFTER = 15.0
"""Seconds beyond what the values allow for a graceful end."""


COMMAND = (sys.executable, "-P", "-m", "flowship.server")
"""It holds no secret. `-P` keeps the current directory from shadowing libraries."""


def require_free(host: str, port: int, inner_port: int | None = None) -> None:
    """Refuse ports that cannot be listened on.

    Raises:
        ServerError: one is taken, both are the same, or the address is not one of this machine.
    """
    if port == inner_port:
        raise ServerError(f"--port and --inner-port are both {port}. Choose another for one of them.")
    _require_free(host, port, "--port")
    if inner_port is not None:
        _require_free(host, inner_port, "--inner-port")


def _require_free(host: str, port: int, option: str) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise ServerError(
            f"Cannot listen on {host}, port {port} ({error.strerror}). Choose another with {option} or --host."
        ) from error


def require_certificate(certificate: Path | None, key: Path | None) -> None:
    """Refuse a certificate that cannot be served with.

    Raises:
        ServerError: one of the two is missing, cannot be read, or they do not belong together.
    """
    if (certificate is None) != (key is None):
        raise ServerError("--tls-certificate and --tls-key belong together. Give both, or neither.")
    if certificate is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key, password=_no_password)
    except OSError as error:  # ssl.SSLError is one
        raise ServerError(
            f"Cannot serve HTTPS with the certificate {certificate} and the key {key} "
            f"({error.strerror or error}). Give a certificate and its key in PEM format, the key without a password."
        ) from error


def _no_password() -> str:
    """OpenSSL would ask the terminal."""
    return ""


def change_environment(changes: Mapping[str, str | None]) -> None:
    """Change variables of this process; None is for one to remove."""
    for name, value in changes.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


class Forked:
    """A fork of this process, in a session of its own, so that Ctrl-C reaches it once, through us."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.status: int | None = None
        """How it ended, None while it runs: its exit status, or the negative number of the signal that killed it."""

    def ended(self) -> bool:
        """Whether it has ended."""
        if self.status is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # a signal of ours came between an earlier look and what it found
                pid, status = self.pid, 0
            self.status = os.waitstatus_to_exitcode(status) if pid else None
        return self.status is not None

    def wait(self, limit: float = math.inf) -> None:
        """Return when it has ended, or after `limit` seconds."""
        deadline = time.monotonic() + limit
        while not self.ended() and time.monotonic() < deadline:
            time.sleep(LOOK)

    def ask(self, signum: int) -> None:
        """Send it a signal, if it runs."""
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signum)


def fork() -> Forked | None:
    """Fork this process. Returns None in the new one, which ends as a program does when a signal asks it to."""
    if pid := os.fork():
        return Forked(pid)
    os.setsid()
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, end)
    return None


def end(signum: int, frame: FrameType | None) -> NoReturn:
    """End as any program does that is asked to: the first process of a container would ignore the signal."""
    raise SystemExit(128 + signum)


def replace_this_process(settings: ProcessSettings, environ: Mapping[str, str], directory: Path) -> NoReturn:
    """Become the server, so that signals of a container's runtime reach it."""
    os.chdir(directory)
    os.execve(COMMAND[0], COMMAND, {**environ, VARIABLE: settings.model_dump_json()})  # noqa: S606 - no shell is wanted


def answers(server: Forked, url: str) -> bool:
    """Wait for the first answer. False when the server ended before."""
    directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while not server.ended():
        try:
            with directly.open(url, timeout=5):
                return True
        except OSError:  # urllib.error.URLError is one
            time.sleep(LOOK)
    return False


def stop(server: Forked, signum: int, limit: float) -> None:
    """End the server and everything it started: asked by a signal, and forced after `limit` seconds.

    Another Ctrl-C meanwhile asks once more, which ends it at once.
    """
    with _handing_over_to(server, signum):
        server.ask(signum)
        server.wait(limit)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


@contextlib.contextmanager
def _handing_over_to(server: Forked, signum: int) -> Iterator[None]:
    """Ask the server once more for each signal that asks this process to end."""
    asking = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(each, lambda *_: server.ask(signum)) for each in asking]
    try:
        yield
    finally:
        for each, handler in zip(asking, before, strict=True):
            signal.signal(each, handler)
