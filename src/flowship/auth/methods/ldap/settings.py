"""What authentication against a directory has to know, from the values; the server is told it as JSON."""

from __future__ import annotations

import base64
import binascii
import importlib.util
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from flowship.errors import MissingExtraError
from flowship.values.model.finding import Finding, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.errors import ValuesError
    from flowship.values.model.root import Values
    from flowship.values.model.server.access import LdapAuth

CA_FILE = "LDAP_CA"
"""The variable that names the file of the CA's certificate; the chart sets it."""

ENCODED_CA = "ldapAuth.encodedTrustedCACertificate"


class UserSearch(BaseModel):
    """Says how a user's entry is found with a service account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bind_dn: str
    bind_password: str = Field(repr=False)
    base: str
    filter: str
    name_attribute: str


class DirectorySettings(BaseModel):
    """Says how users are found and what their groups let them do. Seconds where a time is meant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    uris: tuple[str, ...]
    """Servers of the directory, in the order in which they are tried."""
    start_tls: bool
    verification: Literal["required", "optional", "none"]
    ca: str = ""
    """Certificates in PEM; those of the system when empty."""
    bind_template: str = ""
    """DN of a user, with %s for the name."""
    search: UserSearch | None = None
    """How a user is found instead."""
    group_base: str
    group_filter: str
    group_attribute: str
    nested: bool = False
    admin_group: str = ""
    user_group: str = ""
    connect_timeout: int = 5
    read_timeout: int = 10
    grace: float = 900.0


def require_ldap() -> None:
    """Refuse `ldapAuth` where what speaks LDAP is not installed.

    Raises:
        MissingExtraError: with the command that installs it.
    """
    if importlib.util.find_spec("ldap3") is None:
        raise MissingExtraError(key="ldapAuth", extra="ldap")


def directory_settings(values: Values, environ: Mapping[str, str] | None) -> DirectorySettings:
    """Make the settings for values that are not refused; without variables, they hold no certificate.

    Raises:
        ValuesError: the CA's certificate is none, or its file cannot be read.
    """
    ldap = values.ldapAuth
    uris = tuple(ldap.uri.split())
    ca = "" if environ is None else _ca(ldap, environ)
    plain = any(uri.lower().startswith("ldap://") for uri in uris)
    return DirectorySettings(
        uris=uris,
        start_tls=plain and (bool(ca) if ldap.startTLS == "" else ldap.startTLS),
        verification=ldap.tlsVerification,
        ca=ca,
        bind_template=ldap.lookupBind,
        search=_search(ldap),
        group_base=ldap.searchBaseDistinguishedName,
        group_filter=ldap.searchFilter,
        group_attribute=ldap.groupAttribute,
        nested=ldap.nestedGroups,
        admin_group=ldap.adminGroupDistinguishedName,
        user_group=ldap.userGroupDistinguishedName,
        connect_timeout=ldap.connectTimeoutSeconds,
        read_timeout=ldap.readTimeoutSeconds,
        grace=ldap.graceSeconds,
    )


def _search(ldap: LdapAuth) -> UserSearch | None:
    search = ldap.userSearch
    if not search.enabled:
        return None
    return UserSearch(
        bind_dn=search.bindDistinguishedName,
        bind_password=search.bindPassword,
        base=search.baseDistinguishedName,
        filter=search.filter,
        name_attribute=search.nameAttribute,
    )


def _ca(ldap: LdapAuth, environ: Mapping[str, str]) -> str:
    if ldap.encodedTrustedCACertificate:
        try:
            certificate = base64.b64decode("".join(ldap.encodedTrustedCACertificate.split()), validate=True)
        except (binascii.Error, ValueError):
            raise _refused(ENCODED_CA, "is not Base64. Write what `base64 -w0 ca.crt` prints.") from None
        return _pem(certificate, ENCODED_CA)
    if not ldap.externalSecretForTrustedCACertificate:
        return ""
    key = f"ldapAuth.externalSecretForTrustedCACertificate, variable {CA_FILE}"
    file = environ.get(CA_FILE, "")
    try:
        return _pem(Path(file).read_bytes(), key)
    except OSError as error:
        raise _refused(key, f"the file {file!r} cannot be read ({error.strerror}). Mount the Secret.") from error


def _pem(certificate: bytes, key: str) -> str:
    """Certificates in PEM, which are also taken in DER."""
    try:
        text = certificate.decode() if b"-----BEGIN" in certificate else ssl.DER_cert_to_PEM_cert(certificate)
        ssl.create_default_context(cadata=text)
    except (ssl.SSLError, UnicodeDecodeError):
        raise _refused(key, "is not a certificate. Write that of the CA, in PEM.") from None
    return text


def _refused(key: str, reason: str) -> ValuesError:
    return refusal([Finding(f"{key}: {reason}")])
