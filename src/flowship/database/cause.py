"""Why a database cannot be used: a driver's error as a sentence, and whether waiting can mend it.

Neither libpq nor psycopg hands on the SQLSTATE of a failed login, so PostgreSQL's own words are read; in another
language than English (`lc_messages` of the server) they are passed on as they are, and waiting goes on. PyMySQL gives
the server's error numbers. No sentence holds a password.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from flowship.database.url import listens_at, server_host

if TYPE_CHECKING:
    from sqlalchemy import URL

    from flowship.database.database import Database


class Kind(StrEnum):
    """What stands between us and the database."""

    NAME_NOT_FOUND = "name not found"
    REFUSED = "connection refused"
    UNREACHABLE = "unreachable"
    SILENT = "no answer in time"
    LOST = "connection lost"
    STARTING = "starting up"
    FULL = "too many connections"
    NO_DATABASE = "no such database"
    CREDENTIALS = "wrong user or password"
    RIGHTS = "not allowed"
    TLS = "TLS"
    ROLE = "not the server that is asked for"
    UNKNOWN = "unknown"


MENDED_BY_WAITING = frozenset(
    {
        Kind.NAME_NOT_FOUND,  # a Service or a DNS record may follow its server
        Kind.REFUSED,
        Kind.UNREACHABLE,
        Kind.SILENT,
        Kind.LOST,
        Kind.STARTING,
        Kind.FULL,
        Kind.ROLE,  # a standby may become the primary
        Kind.NO_DATABASE,  # an operator may make it after its server; `wait` gives that a limit of its own
        Kind.UNKNOWN,
    }
)


@dataclass(frozen=True)
class Cause:
    """Why an attempt failed."""

    kind: Kind
    sentence: str
    """For people: what is wrong, and the key to look at. Ends without a full stop."""

    @property
    def final(self) -> bool:
        """Whether waiting cannot mend it."""
        return self.kind not in MENDED_BY_WAITING


# The order matters: libpq lists the failure of each address it tried, and a refused TLS attempt is followed by its
# attempt without TLS.
POSTGRES_WORDS: tuple[tuple[str, Kind], ...] = (
    (r"password authentication failed|no password supplied|authentication failed for user", Kind.CREDENTIALS),
    (r'role ".*" (does not exist|is not permitted to log in)', Kind.CREDENTIALS),
    (r'database ".*" does not exist', Kind.NO_DATABASE),
    (r"permission denied for database", Kind.RIGHTS),
    (r"no pg_hba\.conf entry for .*no encryption", Kind.TLS),
    (r"no pg_hba\.conf entry for|pg_hba\.conf rejects", Kind.RIGHTS),
    (r"certificate verify failed|does not support SSL|root certificate file|does not match host name", Kind.TLS),
    (r"certificate file|private key file|SSL error|sslmode value|requires? (a valid )?client cert", Kind.TLS),
    (r"starting up|shutting down|recovery mode|not yet accepting connections|not accepting conn", Kind.STARTING),
    (r"too many (clients|connections)|remaining connection slots", Kind.FULL),
    (r"session is (not )?read-only|in hot standby mode", Kind.ROLE),
    (r"could not translate host name|failed to resolve host|[Nn]ame or service not known", Kind.NAME_NOT_FOUND),
    (r"Temporary failure in name resolution|No address associated with hostname", Kind.NAME_NOT_FOUND),
    (r"Connection refused|on socket \S+ failed: No such file or directory", Kind.REFUSED),
    (r"No route to host|unreachable", Kind.UNREACHABLE),
    (r"timeout expired|timed out|timeout", Kind.SILENT),
    (r"closed the connection unexpectedly|connection reset|Broken pipe|terminating connection", Kind.LOST),
)

# Server: https://dev.mysql.com/doc/mysql-errors/9.0/en/server-error-reference.html, client: 2000 and up.
MYSQL_NUMBERS: dict[int, Kind] = {
    1040: Kind.FULL,
    1203: Kind.FULL,
    1226: Kind.FULL,
    1044: Kind.RIGHTS,
    1129: Kind.RIGHTS,
    1130: Kind.RIGHTS,
    1045: Kind.CREDENTIALS,
    1698: Kind.CREDENTIALS,
    1820: Kind.CREDENTIALS,
    1862: Kind.CREDENTIALS,
    4151: Kind.CREDENTIALS,
    1049: Kind.NO_DATABASE,
    1053: Kind.STARTING,
    3159: Kind.TLS,
    2026: Kind.TLS,
    2006: Kind.LOST,
    2013: Kind.LOST,
}


def explain(error: BaseException, database: Database) -> Cause:
    """The cause behind an error of SQLAlchemy or of a driver with this database."""
    original = getattr(error, "orig", None) or error
    if database.is_file:
        return Cause(Kind.UNKNOWN, f"{database.shown} cannot be used: {_first_line(original, database.url)}")
    kind = kind_of(original, database.kind)
    return Cause(kind, _sentence(kind, original, database))


def kind_of(error: BaseException, dialect: str) -> Kind:
    """What stands behind a driver's error; `dialect` is SQLAlchemy's name for the kind of database."""
    kinds = {"mysql": _mysql_kind, "mariadb": _mysql_kind, "postgresql": _postgres_kind}
    return kinds[dialect](error) if dialect in kinds else Kind.UNKNOWN


def silent(database: Database) -> Cause:
    """The cause when an attempt neither succeeded nor failed within its time."""
    return Cause(Kind.SILENT, _sentence(Kind.SILENT, TimeoutError(), database))


def _postgres_kind(error: BaseException) -> Kind:
    text = str(error)
    return next((kind for words, kind in POSTGRES_WORDS if re.search(words, text)), Kind.UNKNOWN)


def _mysql_kind(error: BaseException) -> Kind:
    number = error.args[0] if error.args else None
    text = str(error)
    # PyMySQL wraps what the socket or the TLS library said.
    socket_error = getattr(error, "original_exception", None)
    by_words: tuple[tuple[str, Kind], ...] = (
        (r"require_secure_transport|\[SSL|certificate verify failed|SSL is required|doesn't support SSL", Kind.TLS),
        (r"Name or service not known|name resolution|No address associated", Kind.NAME_NOT_FOUND),
        (r"Connection refused", Kind.REFUSED),
        (r"No route to host|unreachable", Kind.UNREACHABLE),
        (r"timed out", Kind.SILENT),
    )
    for source in (text, str(socket_error or "")):
        for words, kind in by_words:
            if re.search(words, source):
                return kind
    if isinstance(error, FileNotFoundError | ssl.SSLError) or isinstance(socket_error, FileNotFoundError):
        return Kind.TLS  # the only files that a connection over TCP opens are certificates
    return MYSQL_NUMBERS.get(number, Kind.UNKNOWN) if isinstance(number, int) else Kind.UNKNOWN


def _sentence(kind: Kind, error: BaseException, database: Database) -> str:
    url, key = database.url, database.key
    where, host = listens_at(url), server_host(url)
    said = _first_line(error, url)
    sentences = {
        Kind.NAME_NOT_FOUND: f"the host name {host} is not known; check {key}.host",
        Kind.REFUSED: f"nothing listens on {where}; check {key}.host and {key}.port, and that the server runs",
        Kind.UNREACHABLE: f"no route leads to {where}; check {key}.host and the network",
        Kind.SILENT: f"{where} does not answer in time; check {key}.host, {key}.port and firewalls",
        Kind.ROLE: f"no server at {where} is what PGTARGETSESSIONATTRS asks for",
        Kind.LOST: f"the server at {where} closed the connection before it answered",
        Kind.STARTING: f"the server at {where} is starting up or shutting down",
        Kind.FULL: f"the server at {where} has no connection left",
        Kind.NO_DATABASE: f'the server at {where} has no database "{url.database}"; create it, or correct'
        f" {key}.database",
        Kind.CREDENTIALS: f'the server at {where} refuses the user "{url.username or ""}" or the password; check'
        f" {key}.user and {key}.password, or the Secret or variables that hold them",
        Kind.RIGHTS: f'the server at {where} does not let the user "{url.username or ""}" use the database'
        f' "{url.database}" from here; it says: {said}',
        Kind.TLS: f"TLS with {where} fails; {_tls_advice(url)}; it says: {said}",
        Kind.UNKNOWN: f"{where} answers with an error: {said}",
    }
    return sentences[kind]


def _tls_advice(url: URL) -> str:
    if url.get_backend_name() == "mysql":
        return "give the server's CA by MLFLOW_MYSQL_SSL_CA under extraEnvVars"
    return "check PGSSLMODE and PGSSLROOTCERT under extraEnvVars"


def _first_line(error: BaseException, url: URL) -> str:
    """What the library says, in one line and without the password."""
    words = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], str) else str(error)
    line = " ".join(words.split()) or type(error).__name__
    return line.replace(url.password, "***") if url.password else line
