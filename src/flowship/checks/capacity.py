"""How many connections the server may have to a database at once, and how many the database lets in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.check import Check
from flowship.database.connection_errors import explain
from flowship.database.served.plugin import connections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.database.database import Database

POOL_SIZE, MAX_OVERFLOW, POOL_CLASS = (
    f"MLFLOW_SQLALCHEMYSTORE_{name}" for name in ("POOL_SIZE", "MAX_OVERFLOW", "POOLCLASS")
)

LIMITS = {
    "postgresql": "SELECT setting::int - (SELECT setting::int FROM pg_settings"
    " WHERE name = 'superuser_reserved_connections') FROM pg_settings WHERE name = 'max_connections'",
    "mysql": "SELECT @@max_connections",
}


def connections_of_a_worker(environ: Mapping[str, str]) -> int | None:
    """Count the connections that a worker may have in use, with MLflow's variables; None when nothing limits them."""
    if environ.get(POOL_CLASS, "QueuePool") != "QueuePool":
        return None
    # MLflow takes nought for nothing said.
    size, overflow = (int(environ.get(name) or 0) or None for name in (POOL_SIZE, MAX_OVERFLOW))
    return connections(size, overflow)


def outcome(database: Database, *, workers: int, pods: int, environ: Mapping[str, str]) -> Check | None:
    """Tell whether the database lets in as many connections as the server may have, and say it in a sentence; None
    where nobody counts."""
    if database.is_file:
        return None
    key = database.key
    each = connections_of_a_worker(environ)
    if each is None:
        return Check(True, f"{key}: nothing limits the server's connections, as {POOL_CLASS} or {MAX_OVERFLOW} says")
    try:
        limit = _limit(database)
    except Exception as error:  # a driver's error is the answer
        return Check(False, f"{key}: {explain(error, database).sentence}.")
    return said(key, each=each, workers=workers, pods=pods, limit=limit)


def said(key: str, *, each: int, workers: int, pods: int, limit: int) -> Check:
    """Compare what the server may take with what the database has, in words."""
    needed = each * workers * pods
    product = f"{f'{pods} pods x ' if pods > 1 else ''}{workers} workers x {each} connections are {needed} at most"
    if needed < limit:
        return Check(True, f"{key}: {product}, and the database has {limit}")
    return Check(
        False,
        f"{key}: {product}, and the database has {limit}: under load, requests are answered by 503. Raise its"
        f" max_connections, or lower extraArgs.workers or extraEnvVars.{POOL_SIZE} and {MAX_OVERFLOW}.",
    )


def _limit(database: Database) -> int:
    from sqlalchemy import text

    with database.engine().connect() as connection:
        return int(connection.execute(text(LIMITS[database.kind])).scalar_one())
