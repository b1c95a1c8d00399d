"""TLS to a directory: Python's own, with host names checked by OpenSSL.

ldap3 would check host names itself, with code that Python has removed since.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import ldap3

from flowship.auth.trust import trusting

if TYPE_CHECKING:
    from flowship.auth.methods.ldap.settings import DirectorySettings


def context(settings: DirectorySettings) -> ssl.SSLContext:
    """Decide how certificates are checked. `optional` is `required`: no server of TLS comes without a certificate."""
    found = trusting(settings.ca)
    if settings.verification == "none":
        found.check_hostname = False
        found.verify_mode = ssl.CERT_NONE
    return found


class Tls(ldap3.Tls):
    """Wraps the socket of one connection."""

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context = context
        self._host = host
        self.failure: OSError | None = None
        """Why the handshake failed: ldap3 keeps only its text."""

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        try:
            connection.socket = self._context.wrap_socket(connection.socket, server_hostname=self._host)
        except OSError as error:
            self.failure = error
            raise
