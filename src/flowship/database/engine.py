"""Connections of Flowship's own to a database, with limits that a hanging server cannot stretch."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from flowship.database.drivers import PSYCOPG
from flowship.database.url import is_sqlite, kind

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine, Pool

SQLITE_BUSY = 20
"""Seconds to wait for another writer of a SQLite file; MLflow's own limit."""

# What MLflow's server reads for its own connections to MySQL (public settings of MLflow), so ours agree with them.
MYSQL_TLS = {
    "ssl_ca": "MLFLOW_MYSQL_SSL_CA",
    "ssl_cert": "MLFLOW_MYSQL_SSL_CERT",
    "ssl_key": "MLFLOW_MYSQL_SSL_KEY",
}


def open_engine(
    url: URL, *, connect_timeout: int = 10, read_timeout: int | None = None, pool: type[Pool] | None = None
) -> Engine:
    """Make an engine that opens a connection when one is asked for and closes it when it is given back.

    With a `pool` it does as that says; what a connection holds then is left as it is when it is given back.

    `connect_timeout` is in seconds, at least 2 with PostgreSQL. `read_timeout`, in seconds, limits every answer of a
    MySQL server; leave it out where a statement may take long.
    """
    from sqlalchemy import NullPool, create_engine

    arguments = _connect_arguments(url, connect_timeout, read_timeout)
    kept = {"poolclass": pool, "pool_reset_on_return": None} if pool else {"poolclass": NullPool}
    # hide_parameters: an error's text must not show a value, such as Flask's key.
    return create_engine(url, connect_args=arguments, hide_parameters=True, **kept)


def _connect_arguments(url: URL, connect_timeout: int, read_timeout: int | None) -> dict[str, Any]:
    if is_sqlite(url):
        return {"timeout": SQLITE_BUSY}
    arguments: dict[str, Any] = {"connect_timeout": connect_timeout}
    if kind(url) == "postgresql":
        # A connection that idles while another migrates must survive the gateways in between.
        arguments |= {"keepalives_idle": 30, "keepalives_interval": 10, "application_name": "flowship"}
        return unprepared(arguments) if url.drivername == PSYCOPG else arguments
    if read_timeout is not None:
        arguments |= {"read_timeout": read_timeout, "write_timeout": read_timeout}
    return arguments | {name: os.environ[variable] for name, variable in MYSQL_TLS.items() if os.environ.get(variable)}


def unprepared(arguments: dict[str, Any]) -> dict[str, Any]:
    """psycopg's arguments without statements that it prepares after some uses: a pooler that hands out transactions,
    such as PgBouncer, may send the next use to a server that does not know them."""
    return {"prepare_threshold": None, **arguments}
