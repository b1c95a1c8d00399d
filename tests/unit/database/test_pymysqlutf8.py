from __future__ import annotations

import ssl
from typing import Any

import certifi
import pymysql
import pytest
from sqlalchemy import URL, create_engine, make_url

PASSWORD = "ß 密 😀 %@:/"
PYMYSQL = URL.create("mysql+pymysql", "jo", PASSWORD, "127.0.0.1", 3306, "runs")
OURS = PYMYSQL.set(drivername="mysql+pymysqlutf8")


def connect_options(url: URL) -> dict[str, Any]:
    return dict(url.get_dialect()().create_connect_args(url)[1])


def test_only_the_password_differs_from_pymysqls_own_dialect() -> None:
    assert connect_options(OURS) == connect_options(PYMYSQL) | {"password": PASSWORD.encode()}


def test_pymysql_takes_the_bytes_as_they_are() -> None:
    connection = pymysql.connect(**connect_options(OURS), defer_connect=True)

    assert connection.password == PASSWORD.encode()


def test_pymysql_cannot_take_the_text_so_that_the_dialect_is_needed() -> None:
    with pytest.raises(UnicodeEncodeError):
        pymysql.connect(**connect_options(PYMYSQL), defer_connect=True)


def test_no_password_stays_none() -> None:
    assert "password" not in connect_options(URL.create("mysql+pymysqlutf8", "jo", host="db"))


def test_statements_are_cached() -> None:
    dialect = OURS.get_dialect()

    assert dialect.supports_statement_cache
    assert "supports_statement_cache" in vars(dialect)  # SQLAlchemy does not look at the base class


def test_a_url_as_text_finds_it() -> None:
    engine = create_engine(make_url(OURS.render_as_string(hide_password=False)))

    assert (engine.dialect.name, engine.dialect.driver) == ("mysql", "pymysqlutf8")


@pytest.mark.parametrize(("given", "expected"), [({}, True), ({"ssl_verify_cert": False}, False)])
def test_a_ca_is_given_to_be_checked_unless_said_otherwise(given: dict[str, bool], expected: bool) -> None:
    engine = create_engine(OURS)
    connection = engine.dialect.connect(ssl_ca=certifi.where(), defer_connect=True, **given)

    assert (connection.ctx.verify_mode is ssl.CERT_REQUIRED) is expected


def test_without_a_ca_tls_stays_as_pymysql_has_it() -> None:
    connection = create_engine(OURS).dialect.connect(defer_connect=True)

    assert (connection.ssl, connection.ctx.verify_mode) == (True, ssl.CERT_NONE)
