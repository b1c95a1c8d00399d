from __future__ import annotations

import psycopg.errors
import pymysql
from sqlalchemy import URL
from sqlalchemy.exc import OperationalError, ProgrammingError

from flowship.database.drivers import MYSQL
from flowship.database.migrating.rights import denied, is_denied
from tests.databases import tracking_at

POSTGRES_URL = URL.create("postgresql+psycopg", 'jo"e', "s3cret", "db", 5432, "runs")
MYSQL_URL = URL.create(MYSQL, "jo'e", "s3cret", "db", 3306, "my_runs")


def test_a_missing_right_in_postgres_asks_for_the_grant() -> None:
    error = ProgrammingError("x", {}, psycopg.errors.InsufficientPrivilege("permission denied for schema public"))

    assert is_denied(error)
    assert str(denied(tracking_at(POSTGRES_URL), error)) == (
        'The user "jo"e" may not change the schema of postgresql+psycopg://jo"e:***@db:5432/runs; the server says:'
        " permission denied for schema public. As an administrator, run once: GRANT USAGE, CREATE ON SCHEMA public TO"
        ' "jo""e"; and, if the tables belong to another role, make "jo""e" a member of it. Or let an administrator run'
        " `flowship migrate` once, with a user who may."
    )


def test_a_missing_right_in_mysql_asks_for_the_grant() -> None:
    error = OperationalError("x", {}, pymysql.err.OperationalError(1142, "CREATE command denied to user"))

    assert is_denied(error)
    assert "GRANT ALL ON `my\\_runs`.* TO 'jo''e'@'%';" in str(denied(tracking_at(MYSQL_URL), error))


def test_triggers_beside_a_binary_log_have_a_remedy_of_their_own() -> None:
    error = OperationalError("x", {}, pymysql.err.OperationalError(1419, "You do not have the SUPER privilege"))

    assert is_denied(error)
    assert "SET GLOBAL log_bin_trust_function_creators = 1;" in str(denied(tracking_at(MYSQL_URL), error))


def test_another_error_is_no_missing_right() -> None:
    assert not is_denied(OperationalError("x", {}, pymysql.err.OperationalError(1205, "Lock wait timeout exceeded")))
