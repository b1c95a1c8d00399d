"""Why a directory cannot be reached, as sentences that name what to change. They never hold a password."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowship.auth.methods.ldap.settings import DirectorySettings

CA_KEYS = "ldapAuth.encodedTrustedCACertificate or ldapAuth.externalSecretForTrustedCACertificate"
ALTERNATIVES = "use ldaps:// if it can that, or set ldapAuth.startTLS: false to send passwords unencrypted"

_EXPIRED = {9: "is not valid yet", 10: "has expired"}
"""OpenSSL's numbers for times (X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED)."""
_OTHER_NAME = {62, 64}
"""X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH."""


def not_connected(uri: str, error: Exception, handshake: OSError | None, settings: DirectorySettings) -> str:
    """Say why there is no connection."""
    if handshake is not None:
        return _no_tls(uri, handshake, settings.read_timeout)
    text = _innermost(error)
    if "timed out" in text:
        return f"{uri} does not answer within {settings.connect_timeout} seconds; is the address right?"
    if "refused" in text:
        return f"{uri} refuses connections; is the directory running, and is this its port?"
    if any(words in text for words in ("Name or service", "getaddrinfo", "invalid server address", "name resolution")):
        return f"the host name of {uri} is not known here; correct ldapAuth.uri, or add the name to your DNS"
    return f"{uri} cannot be connected to ({text})"


def no_start_tls(uri: str, handshake: OSError | None) -> str:
    """Say why a connection could not be encrypted; no password was sent."""
    if handshake is not None:
        return _no_tls(uri, handshake, 0)
    return f"{uri} cannot encrypt connections by StartTLS, so it was sent no password; {ALTERNATIVES}"


def no_answer(uri: str, error: Exception) -> str:
    """Say why a request was not answered."""
    text = _innermost(error)
    return f"{uri} does not answer in time" if "timed out" in text else f"{uri} ended the connection ({text})"


def wants_encryption(uri: str) -> str:
    """Say that a server takes no passwords without encryption."""
    return f"{uri} takes passwords over encrypted connections only; use ldaps://, or set ldapAuth.startTLS: true"


def _no_tls(uri: str, error: OSError, timeout: int) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in _EXPIRED:
            return f"the certificate of {uri} {_EXPIRED[error.verify_code]}; renew it there, or correct the clock"
        if error.verify_code in _OTHER_NAME:
            return f"the certificate of {uri} is for another host; write a name that it holds in ldapAuth.uri"
        return (
            f"the certificate of {uri} was signed by nobody who is trusted here ({error.verify_message}); give the "
            f"certificate of its CA in {CA_KEYS}"
        )
    if isinstance(error, TimeoutError):
        return f"{uri} does not answer in time when TLS begins"
    return f"{uri} does not speak TLS ({error.strerror or error}); is this its port for it?"


def _innermost(error: Exception) -> str:
    """Give the text of what ldap3 wraps: the last of its attempts, one for each address of a host."""
    history = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], list) else []
    return str(history[-1][2] if history and len(history[-1]) > 2 else error)
