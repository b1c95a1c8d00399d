"""The words are those of libpq 15 to 17, psycopg 3.3 and PyMySQL 1.2, as the real servers of the integration tests and
others made them."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import psycopg
import psycopg2
import pymysql
import pytest
from sqlalchemy import URL
from sqlalchemy.exc import OperationalError

from flowship.database.connection_errors import Obstacle, explain, silent
from flowship.database.drivers import MYSQL
from flowship.database.url import sqlite_url
from tests.databases import tracking_at, users_at

POSTGRES_URL = URL.create("postgresql+psycopg2", "jo", "s3cret", "db.example.com", 5432, "runs")
MYSQL_URL = POSTGRES_URL.set(drivername=MYSQL, port=3306)
AT = 'connection to server at "db.example.com" (10.0.0.1), port 5432 failed: '


@pytest.mark.parametrize(
    ("words", "obstacle"),
    [
        (AT + 'FATAL:  password authentication failed for user "jo"\n', Obstacle.CREDENTIALS),
        (AT + "fe_sendauth: no password supplied\n", Obstacle.CREDENTIALS),
        (AT + 'FATAL:  role "jo" does not exist\n', Obstacle.CREDENTIALS),
        (AT + 'FATAL:  role "jo" is not permitted to log in\n', Obstacle.CREDENTIALS),
        (AT + 'FATAL:  database "runs" does not exist\n', Obstacle.NO_DATABASE),
        (AT + 'FATAL:  permission denied for database "runs"\nDETAIL:  User does not have CONNECT', Obstacle.RIGHTS),
        (
            AT + 'FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "jo", database "x", no encryption',
            Obstacle.TLS,
        ),
        (
            AT + 'FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "jo", database "x", SSL encryption',
            Obstacle.RIGHTS,
        ),
        (AT + "server does not support SSL, but SSL was required\n", Obstacle.TLS),
        (AT + "SSL error: certificate verify failed\n", Obstacle.TLS),
        (AT + 'server certificate for "other" does not match host name "db.example.com"', Obstacle.TLS),
        (AT + 'root certificate file "/nowhere.pem" does not exist', Obstacle.TLS),
        (AT + "FATAL:  the database system is starting up\n", Obstacle.STARTING),
        (AT + "FATAL:  the database system is not yet accepting connections", Obstacle.STARTING),
        (AT + "FATAL:  the database system is shutting down", Obstacle.STARTING),
        (AT + "FATAL:  sorry, too many clients already\n", Obstacle.FULL),
        (AT + "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute", Obstacle.FULL),
        (
            'could not translate host name "db.example.com" to address: Name or service not known\n',
            Obstacle.NAME_NOT_FOUND,
        ),
        ("failed to resolve host 'db.example.com': [Errno -2] Name or service not known", Obstacle.NAME_NOT_FOUND),
        ("[Errno -3] Temporary failure in name resolution", Obstacle.NAME_NOT_FOUND),
        (
            AT + "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?",
            Obstacle.REFUSED,
        ),
        (AT + "No route to host\n", Obstacle.UNREACHABLE),
        (AT + "Network is unreachable\n", Obstacle.UNREACHABLE),
        (AT + "timeout expired\n", Obstacle.SILENT),
        ("connection timeout expired", Obstacle.SILENT),
        (AT + "server closed the connection unexpectedly\n", Obstacle.LOST),
        (AT + "FATAL:  Passwort-Authentifizierung für Benutzer »jo« fehlgeschlagen", Obstacle.UNKNOWN),
    ],
)
@pytest.mark.parametrize("error", [psycopg2.OperationalError, psycopg.OperationalError])
def test_postgres_is_understood_by_its_words(words: str, obstacle: Obstacle, error: type[Exception]) -> None:
    cause = explain(OperationalError("SELECT 1", {}, error(words)), tracking_at(POSTGRES_URL))

    assert cause.obstacle is obstacle
    assert "s3cret" not in cause.sentence


@pytest.mark.parametrize(
    ("number", "words", "obstacle"),
    [
        (1045, "Access denied for user 'jo'@'10.0.0.9' (using password: YES)", Obstacle.CREDENTIALS),
        (1698, "Access denied for user 'root'@'localhost'", Obstacle.CREDENTIALS),
        (1044, "Access denied for user 'jo'@'%' to database 'runs'", Obstacle.RIGHTS),
        (1130, "Host '10.0.0.9' is not allowed to connect to this MySQL server", Obstacle.RIGHTS),
        (1049, "Unknown database 'runs'", Obstacle.NO_DATABASE),
        (1040, "Too many connections", Obstacle.FULL),
        (1053, "Server shutdown in progress", Obstacle.STARTING),
        (
            3159,
            "Connections using insecure transport are prohibited while --require_secure_transport=ON.",
            Obstacle.TLS,
        ),
        (2013, "Lost connection to MySQL server during query", Obstacle.LOST),
        (2013, "Lost connection to MySQL server during query (timed out)", Obstacle.SILENT),
        (9999, "Something else", Obstacle.UNKNOWN),
    ],
)
def test_mysql_is_understood_by_its_numbers(number: int, words: str, obstacle: Obstacle) -> None:
    cause = explain(pymysql.err.OperationalError(number, words), tracking_at(MYSQL_URL))

    assert cause.obstacle is obstacle


@pytest.mark.parametrize(
    ("original", "obstacle"),
    [
        (ConnectionRefusedError(111, "Connection refused"), Obstacle.REFUSED),
        (socket.gaierror(-2, "Name or service not known"), Obstacle.NAME_NOT_FOUND),
        (OSError(113, "No route to host"), Obstacle.UNREACHABLE),
        (TimeoutError("timed out"), Obstacle.SILENT),
        (ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"), Obstacle.TLS),
        (FileNotFoundError(2, "No such file or directory"), Obstacle.TLS),
    ],
)
def test_mysql_wraps_what_the_socket_said(original: OSError, obstacle: Obstacle) -> None:
    error = pymysql.err.OperationalError(2003, f"Can't connect to MySQL server on 'db.example.com' ({original})")
    error.original_exception = original  # type: ignore[attr-defined]

    assert explain(error, tracking_at(MYSQL_URL, "mysql")).obstacle is obstacle


def test_what_waiting_cannot_mend_is_final() -> None:
    def final(words: str) -> bool:
        return explain(psycopg2.OperationalError(words), tracking_at(POSTGRES_URL, "k")).final

    assert final('FATAL:  password authentication failed for user "jo"')
    assert final("SSL error: certificate verify failed")
    assert final('permission denied for database "runs"')
    assert not final("Connection refused")
    assert not final('database "runs" does not exist')
    assert not final("what nobody foresaw")


def test_the_sentence_names_the_place_and_the_keys() -> None:
    cause = explain(psycopg2.OperationalError("Connection refused"), users_at(POSTGRES_URL))

    assert cause.sentence == (
        "nothing listens on db.example.com:5432; check auth.postgres.host and auth.postgres.port, and that the server"
        " runs"
    )
    assert "auth.postgres.host" in silent(users_at(POSTGRES_URL)).sentence


def test_a_password_that_a_library_repeats_is_taken_out() -> None:
    error = psycopg2.OperationalError("strange: user=jo password=s3cret host=x")

    assert "password=*** host" in explain(error, tracking_at(POSTGRES_URL, "k")).sentence


def test_a_file_is_named() -> None:
    cause = explain(OSError("disk I/O error"), tracking_at(sqlite_url(Path("/data/mlflow.db"))))

    assert cause.sentence == "sqlite:////data/mlflow.db cannot be used: disk I/O error"
