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

from flowship.database.driver_errors import number_of
from flowship.database.url import listens_at, server_host

if TYPE_CHECKING:
    from sqlalchemy import URL

    from flowship.database.database import Database


class Obstacle(StrEnum):
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
        Obstacle.NAME_NOT_FOUND,  # a Service or a DNS record may follow its server
        Obstacle.REFUSED,
        Obstacle.UNREACHABLE,
        Obstacle.SILENT,
        Obstacle.LOST,
        Obstacle.STARTING,
        Obstacle.FULL,
        Obstacle.ROLE,  # a standby may become the primary
        Obstacle.NO_DATABASE,  # an operator may make it after its server; `wait` gives that a limit of its own
        Obstacle.UNKNOWN,
    }
)


@dataclass(frozen=True)
class Cause:
    """Why an attempt failed."""

    obstacle: Obstacle
    sentence: str
    """For people: what is wrong, and the key to look at. Ends without a full stop."""

    @property
    def final(self) -> bool:
        """Whether waiting cannot mend it."""
        return self.obstacle not in MENDED_BY_WAITING


# The order matters: libpq lists the failure of each address it tried, and a refused TLS attempt is followed by its
# attempt without TLS.
POSTGRES_WORDS: tuple[tuple[str, Obstacle], ...] = (
    (r"password authentication failed|no password supplied|authentication failed for user", Obstacle.CREDENTIALS),
    (r'role ".*" (does not exist|is not permitted to log in)', Obstacle.CREDENTIALS),
    (r'database ".*" does not exist', Obstacle.NO_DATABASE),
    (r"permission denied for database", Obstacle.RIGHTS),
    (r"no pg_hba\.conf entry for .*no encryption", Obstacle.TLS),
    (r"no pg_hba\.conf entry for|pg_hba\.conf rejects", Obstacle.RIGHTS),
    (r"certificate verify failed|does not support SSL|root certificate file|does not match host name", Obstacle.TLS),
    (r"certificate file|private key file|SSL error|sslmode value|requires? (a valid )?client cert", Obstacle.TLS),
    (r"starting up|shutting down|recovery mode|not yet accepting connections|not accepting conn", Obstacle.STARTING),
    (r"too many (clients|connections)|remaining connection slots", Obstacle.FULL),
    (r"session is (not )?read-only|in hot standby mode", Obstacle.ROLE),
    (r"could not translate host name|failed to resolve host|[Nn]ame or service not known", Obstacle.NAME_NOT_FOUND),
    (r"Temporary failure in name resolution|No address associated with hostname", Obstacle.NAME_NOT_FOUND),
    (r"Connection refused|on socket \S+ failed: No such file or directory", Obstacle.REFUSED),
    (r"No route to host|unreachable", Obstacle.UNREACHABLE),
    (r"timeout expired|timed out|timeout", Obstacle.SILENT),
    (r"closed the connection unexpectedly|connection reset|Broken pipe|terminating connection", Obstacle.LOST),
)

# Server: https://dev.mysql.com/doc/mysql-errors/9.0/en/server-error-reference.html, client: 2000 and up.
MYSQL_NUMBERS: dict[int, Obstacle] = {
    1040: Obstacle.FULL,
    1203: Obstacle.FULL,
    1226: Obstacle.FULL,
    1044: Obstacle.RIGHTS,
    1129: Obstacle.RIGHTS,
    1130: Obstacle.RIGHTS,
    1045: Obstacle.CREDENTIALS,
    1698: Obstacle.CREDENTIALS,
    1820: Obstacle.CREDENTIALS,
    1862: Obstacle.CREDENTIALS,
    4151: Obstacle.CREDENTIALS,
    1049: Obstacle.NO_DATABASE,
    1053: Obstacle.STARTING,
    3159: Obstacle.TLS,
    2026: Obstacle.TLS,
    2006: Obstacle.LOST,
    2013: Obstacle.LOST,
}


def explain(error: BaseException, database: Database) -> Cause:
    """Tell why an attempt to use this database failed, from the error that SQLAlchemy or its driver raised."""
    original = getattr(error, "orig", None) or error
    if database.is_file:
        return Cause(Obstacle.UNKNOWN, f"{database.shown} cannot be used: {_first_line(original, database.url)}")
    obstacle = obstacle_of(original, database.kind)
    return Cause(obstacle, _sentence(obstacle, original, database))


def obstacle_of(error: BaseException, dialect: str) -> Obstacle:
    """Tell what obstacle a driver's error speaks of; `dialect` is SQLAlchemy's name for the kind of database."""
    readers = {"mysql": _mysql_obstacle, "mariadb": _mysql_obstacle, "postgresql": _postgres_obstacle}
    return readers[dialect](error) if dialect in readers else Obstacle.UNKNOWN


def silent(database: Database) -> Cause:
    """Tell the cause of an attempt that neither succeeded nor failed within its time."""
    return Cause(Obstacle.SILENT, _sentence(Obstacle.SILENT, TimeoutError(), database))


def _postgres_obstacle(error: BaseException) -> Obstacle:
    text = str(error)
    return next((obstacle for words, obstacle in POSTGRES_WORDS if re.search(words, text)), Obstacle.UNKNOWN)


def _mysql_obstacle(error: BaseException) -> Obstacle:
    number = number_of(error)
    text = str(error)
    # PyMySQL wraps what the socket or the TLS library said.
    socket_error = getattr(error, "original_exception", None)
    by_words: tuple[tuple[str, Obstacle], ...] = (
        (r"require_secure_transport|\[SSL|certificate verify failed|SSL is required|doesn't support SSL", Obstacle.TLS),
        (r"Name or service not known|name resolution|No address associated", Obstacle.NAME_NOT_FOUND),
        (r"Connection refused", Obstacle.REFUSED),
        (r"No route to host|unreachable", Obstacle.UNREACHABLE),
        (r"timed out", Obstacle.SILENT),
    )
    for source in (text, str(socket_error or "")):
        for words, obstacle in by_words:
            if re.search(words, source):
                return obstacle
    if isinstance(error, FileNotFoundError | ssl.SSLError) or isinstance(socket_error, FileNotFoundError):
        return Obstacle.TLS  # the only files that a connection over TCP opens are certificates
    return Obstacle.UNKNOWN if number is None else MYSQL_NUMBERS.get(number, Obstacle.UNKNOWN)


def _sentence(obstacle: Obstacle, error: BaseException, database: Database) -> str:
    url, key = database.url, database.key
    where, host = listens_at(url), server_host(url)
    said = _first_line(error, url)
    sentences = {
        Obstacle.NAME_NOT_FOUND: f"the host name {host} is not known; check {key}.host",
        Obstacle.REFUSED: f"nothing listens on {where}; check {key}.host and {key}.port, and that the server runs",
        Obstacle.UNREACHABLE: f"no route leads to {where}; check {key}.host and the network",
        Obstacle.SILENT: f"{where} does not answer in time; check {key}.host, {key}.port and firewalls",
        Obstacle.ROLE: f"no server at {where} is what PGTARGETSESSIONATTRS asks for",
        Obstacle.LOST: f"the server at {where} closed the connection before it answered",
        Obstacle.STARTING: f"the server at {where} is starting up or shutting down",
        Obstacle.FULL: f"the server at {where} has no connection left",
        Obstacle.NO_DATABASE: f'the server at {where} has no database "{url.database}"; create it, or correct'
        f" {key}.database",
        Obstacle.CREDENTIALS: f'the server at {where} refuses the user "{url.username or ""}" or the password; check'
        f" {key}.user and {key}.password, or the Secret or variables that hold them",
        Obstacle.RIGHTS: f'the server at {where} does not let the user "{url.username or ""}" use the database'
        f' "{url.database}" from here; it says: {said}',
        Obstacle.TLS: f"TLS with {where} fails; {_tls_advice(url)}; it says: {said}",
        Obstacle.UNKNOWN: f"{where} answers with an error: {said}",
    }
    return sentences[obstacle]


def _tls_advice(url: URL) -> str:
    if url.get_backend_name() == "mysql":
        return "give the server's CA by MLFLOW_MYSQL_SSL_CA under extraEnvVars"
    return "check PGSSLMODE and PGSSLROOTCERT under extraEnvVars"


def _first_line(error: BaseException, url: URL) -> str:
    """Tell what the library says, in one line and without the password."""
    words = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], str) else str(error)
    line = " ".join(words.split()) or type(error).__name__
    return line.replace(url.password, "***") if url.password else line
