"""What is refused before any server starts: ports that are taken, and certificates that cannot be served with."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

from flowship.errors import ServerError

if TYPE_CHECKING:
    from pathlib import Path


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
    """Give OpenSSL no password for a key, for which it would ask the terminal."""
    return ""
