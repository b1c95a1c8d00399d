"""The server's process when it is a new one, and what is refused before any server starts."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, NoReturn

from flowship.errors import ServerError
from flowship.server.settings import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from flowship.server.settings import ProcessSettings

START_LIMIT = 180.0
"""Seconds until the first answer; a slow disk and a cold cache take one of them."""
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


def start(
    settings: ProcessSettings, environ: Mapping[str, str], directory: Path, keep_open: int
) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own, so that Ctrl-C reaches it once, through us."""
    told = _told(settings, environ)
    return subprocess.Popen(COMMAND, env=told, cwd=directory, start_new_session=True, pass_fds=(keep_open,))


def replace_this_process(settings: ProcessSettings, environ: Mapping[str, str], directory: Path) -> NoReturn:
    """Become the server, so that signals of a container's runtime reach it."""
    os.chdir(directory)
    os.execve(COMMAND[0], COMMAND, _told(settings, environ))  # noqa: S606 - no shell is wanted


def _told(settings: ProcessSettings, environ: Mapping[str, str]) -> dict[str, str]:
    return {**environ, VARIABLE: settings.model_dump_json()}


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


def stop(server: subprocess.Popen[bytes], signum: int, limit: float) -> None:
    """End the server and everything it started: asked by a signal, and forced after `limit` seconds.

    Another Ctrl-C meanwhile asks once more, which ends it at once.
    """
    if server.poll() is None:
        with _handing_over_to(server, signum), contextlib.suppress(subprocess.TimeoutExpired):
            server.send_signal(signum)
            server.wait(limit)
    try:
        os.killpg(server.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    server.wait()


@contextlib.contextmanager
def _handing_over_to(server: subprocess.Popen[bytes], signum: int) -> Iterator[None]:
    """Ask the server once more for each signal that asks this process to end."""
    asking = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(each, lambda *_: server.send_signal(signum)) for each in asking]
    try:
        yield
    finally:
        for each, handler in zip(asking, before, strict=True):
            signal.signal(each, handler)
