"""A connection to a directory: bind and search, within time-outs. The only module that talks through ldap3."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import ldap3
from ldap3.core.exceptions import LDAPException, LDAPInvalidFilterError, LDAPStartTLSError

from flowship.auth.methods.ldap import explaining
from flowship.auth.methods.ldap.errors import DirectoryDownError, DirectorySetupError
from flowship.auth.methods.ldap.tls import Tls, context

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowship.auth.methods.ldap.settings import DirectorySettings

REFUSED = frozenset({19, 32, 34, 48, 49, 50, 53})
"""Results of a bind that mean that this user cannot log in with this password: also constraintViolation (too many
failures), noSuchObject, invalidDNSyntax, inappropriateAuthentication and unwillingToPerform (a disabled account)."""
SUCCESS = 0
UNENCRYPTED = frozenset({8, 13})
"""strongerAuthRequired and confidentialityRequired."""
DOWN = frozenset({51, 52, 80})
"""busy, unavailable and other."""
TRIED_LAST_FOR = 30.0
"""Seconds for which a server that failed is tried after the others."""


@dataclass(frozen=True)
class Entry:
    """An entry that was found; names of attributes are in lower case."""

    dn: str
    attributes: dict[str, list[str]]


class Directory:
    """The servers of one directory."""

    def __init__(self, settings: DirectorySettings) -> None:
        self.settings = settings
        self._context = context(settings)
        self._lock = threading.Lock()
        self._failed: dict[str, float] = {}

    @contextlib.contextmanager
    def connected(self) -> Iterator[Session]:
        """Give a connection to the first server that can be connected to, encrypted as the values ask.

        Raises:
            DirectoryDownError: there is none; the message tells why for each.
        """
        failures = []
        for uri in self._in_order():
            try:
                session = self.connect(uri)
            except DirectoryDownError as error:
                failures.append(str(error))
                with self._lock:
                    self._failed[uri] = time.monotonic()
                continue
            with contextlib.closing(session):
                yield session
            return
        raise DirectoryDownError("; ".join(failures))

    def connect(self, uri: str) -> Session:
        """Connect to one server. Raises DirectoryDownError."""
        settings = self.settings
        parts = urlsplit(uri)
        encrypted = parts.scheme.lower() == "ldaps"
        host = parts.hostname or ""
        tls = Tls(self._context, host)
        server = ldap3.Server(
            host,
            port=parts.port or (636 if encrypted else 389),
            use_ssl=encrypted,
            tls=tls,
            get_info=ldap3.NONE,
            connect_timeout=settings.connect_timeout,
        )
        connection = ldap3.Connection(
            server,
            receive_timeout=settings.read_timeout,
            auto_referrals=False,
            check_names=False,
            return_empty_attributes=False,
        )
        try:
            connection.open(read_server_info=False)
            if settings.start_tls and not encrypted:
                connection.start_tls(read_server_info=False)
        except LDAPStartTLSError as error:
            _close_socket(connection)
            raise DirectoryDownError(explaining.no_start_tls(uri, tls.failure)) from error
        except LDAPException as error:
            _close_socket(connection)
            raise DirectoryDownError(explaining.not_connected(uri, error, tls.failure, settings)) from error
        return Session(uri, connection)

    def _in_order(self) -> list[str]:
        """List the servers as the values name them, those that failed just now last."""
        now = time.monotonic()
        with self._lock:
            failed = {uri for uri, at in self._failed.items() if now - at < TRIED_LAST_FOR}
        return sorted(self.settings.uris, key=lambda uri: uri in failed)


class Session:
    """One connection. Used in one thread."""

    def __init__(self, uri: str, connection: Any) -> None:
        self.uri = uri
        self._connection = connection

    def bind(self, dn: str, password: str) -> bool:
        """Log in; False if this is not the user's password, or there is no such user who may.

        An empty password would be an anonymous log-in that succeeds, so it is never sent.

        Raises:
            DirectoryDownError: the server did not answer.
            DirectorySetupError: it does not take passwords in this way.
        """
        if not password:
            return False
        self._connection.authentication = ldap3.SIMPLE
        self._connection.user = dn
        self._connection.password = password.encode()  # ldap3 refuses or changes some characters of a text
        try:
            self._connection.bind(read_server_info=False)
        except LDAPException as error:
            raise DirectoryDownError(explaining.no_answer(self.uri, error)) from error
        code = self._connection.result["result"]
        if code in UNENCRYPTED:
            raise DirectorySetupError(explaining.wants_encryption(self.uri))
        if code != SUCCESS and code not in REFUSED:
            raise self._failure("a log-in")
        return bool(code == SUCCESS)

    def search(
        self, base: str, search_filter: str, attributes: Sequence[str] = (), *, only_base: bool = False
    ) -> list[Entry]:
        """Find entries below a base, or the base itself; references to other servers are left out.

        Raises:
            DirectoryDownError: the server did not answer.
            DirectorySetupError: the base is not there, the filter is none, or it may not be read.
        """
        try:
            self._connection.search(
                base,
                search_filter,
                search_scope=ldap3.BASE if only_base else ldap3.SUBTREE,
                dereference_aliases=ldap3.DEREF_NEVER,
                attributes=list(attributes) or None,
            )
        except (LDAPInvalidFilterError, UnicodeError) as error:
            raise DirectorySetupError(f"the filter {search_filter} is not one that LDAP knows; correct it") from error
        except LDAPException as error:
            raise DirectoryDownError(explaining.no_answer(self.uri, error)) from error
        if self._connection.result["result"] != SUCCESS:
            raise self._failure(f"a search below {base}")
        found = self._connection.response or []
        return [_entry(each) for each in found if each.get("type") == "searchResEntry"]

    def close(self) -> None:
        """Say goodbye, and close."""
        with contextlib.suppress(LDAPException, OSError):
            self._connection.unbind()

    def _failure(self, asked: str) -> DirectoryDownError | DirectorySetupError:
        result = self._connection.result
        kind = DirectoryDownError if result["result"] in DOWN else DirectorySetupError
        said = f"{result['description']} {result['message']}".strip()
        return kind(f"{self.uri} answers {asked} with {said!r}")


def _close_socket(connection: Any) -> None:
    """Close the socket of a connection that was not made, which ldap3 leaves open."""
    if connection.socket is not None:
        connection.socket.close()


def _entry(found: dict[str, Any]) -> Entry:
    values = {
        name.lower(): [value.decode(errors="replace") for value in each]
        for name, each in found["raw_attributes"].items()
    }
    return Entry(found["dn"], values)
