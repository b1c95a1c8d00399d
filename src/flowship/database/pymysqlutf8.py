"""PyMySQL for SQLAlchemy, with the password handed over as UTF-8, and a CA that is given taken at its word.

PyMySQL encodes a password given as text as Latin-1, so that MySQL and MariaDB, which keep UTF-8, refuse any password
with a letter beyond ASCII. It leaves bytes alone. And since 1.2 it accepts any certificate when all it is
given is a CA, which is all that MLflow hands on (MLFLOW_MYSQL_SSL_CA). As a dialect of its own, `mysql+pymysqlutf8://`,
the cure travels in the URL to every process that MLflow starts, and patches nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import ConnectArgsType, DBAPIConnection
    from sqlalchemy.engine.url import URL


class MySQLDialectPyMySQLUTF8(MySQLDialect_pymysql):
    """PyMySQL's dialect, unchanged but for the password's encoding and the check of certificates."""

    driver = "pymysqlutf8"
    supports_statement_cache = True  # not inherited: without it SQLAlchemy compiles each statement every time

    def create_connect_args(self, url: URL, _translate_args: dict[str, Any] | None = None) -> ConnectArgsType:
        positional, options = super().create_connect_args(url, _translate_args)
        if isinstance(password := options.get("password"), str):
            options["password"] = password.encode()
        return positional, options

    def connect(self, *positional: Any, **options: Any) -> DBAPIConnection:
        if options.get("ssl_ca"):
            options.setdefault("ssl_verify_cert", True)
        return super().connect(*positional, **options)


dialect = MySQLDialectPyMySQLUTF8
