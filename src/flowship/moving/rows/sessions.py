"""Connections of the drivers themselves, for whole tables: SQLAlchemy's rows cost more than the rest of a move."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from flowship.database.engine import SQLITE_BUSY
from flowship.errors import FlowshipError, MoveError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowship.database.database import Database

Connection = Any
"""Of whichever driver."""

OLDEST_POSTGRESQL = 120000
"""It writes numbers with as many digits as they need since then."""

LONG = 7 * 24 * 3600
"""Seconds for which a server may wait for us: the other side may be slow."""

BEGIN_READING: dict[str, tuple[str, ...]] = {
    "postgresql": ("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",),
    "mysql": (
        f"SET SESSION net_write_timeout = {LONG}, SESSION wait_timeout = {LONG}",
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    ),
}
BEGIN_WRITING: dict[str, tuple[str, ...]] = {
    "mysql": (
        # A text that is too long, or a number out of range, is an error then, and experiment 0 stays number 0.
        "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION'",
        f"SET SESSION wait_timeout = {LONG}",
    ),
}
FORMATS = ("SET extra_float_digits = 1", "SET datestyle = 'ISO'", "SET bytea_output = 'hex'")


def execute(connection: Connection, statement: str, *given: object) -> None:
    """Execute a statement, as a part of the connection's transaction."""
    with closing(connection.cursor()) as cursor:
        _run(cursor, statement, given)


def fetched(connection: Connection, statement: str, *given: object) -> list[tuple[Any, ...]]:
    """Execute a statement, and fetch its few rows."""
    with closing(connection.cursor()) as cursor:
        _run(cursor, statement, given)
        return list(cursor.fetchall())


def _run(cursor: Any, statement: str, given: tuple[object, ...]) -> None:
    """Drivers look for places of parameters in the statement only if there are any parameters."""
    cursor.execute(statement, given) if given else cursor.execute(statement)


@contextmanager
def reading(database: Database) -> Iterator[Connection]:
    """Give a connection that only reads, and sees the database as it is at its first statement."""
    with _explained(database, "reading"):
        if database.is_file:
            address = f"{database.file.absolute().as_uri()}?mode=ro"
            with closing(
                sqlite3.connect(address, uri=True, timeout=SQLITE_BUSY, isolation_level=None, check_same_thread=False)
            ) as connection:
                connection.execute("BEGIN")
                yield connection
            return
        with _server(database, BEGIN_READING) as connection:
            yield connection


@contextmanager
def writing(database: Database) -> Iterator[Connection]:
    """Give a connection that writes, in transactions that the caller ends."""
    with _explained(database, "writing"):
        if database.is_file:
            with closing(sqlite3.connect(database.file, timeout=SQLITE_BUSY)) as connection:
                yield connection
            return
        with _server(database, BEGIN_WRITING) as connection:
            yield connection


@contextmanager
def _server(database: Database, statements: dict[str, tuple[str, ...]]) -> Iterator[Connection]:
    pooled = database.engine().raw_connection()
    connection: Connection = pooled.dbapi_connection
    try:
        if database.kind == "postgresql":
            _require_new(connection, database)
            for statement in FORMATS:
                execute(connection, statement)
        for statement in statements.get(database.kind, ()):
            execute(connection, statement)
        if database.kind == "postgresql":
            connection.commit()
        yield connection
    finally:
        pooled.invalidate()


def _require_new(connection: Connection, database: Database) -> None:
    found = connection.info.server_version
    if found < OLDEST_POSTGRESQL:
        raise MoveError(f"{database.named} is PostgreSQL {found // 10000}. Move with PostgreSQL 12 or newer.")


@contextmanager
def _explained(database: Database, doing: str) -> Iterator[None]:
    """Make a sentence of what a driver raises."""
    try:
        yield
    except FlowshipError:
        raise
    except Exception as error:
        if not _is_of_a_driver(error):
            raise
        said = " ".join(str(error).split())
        raise MoveError(
            f"{database.named} failed at {doing}: {said}. Mend that, and run the same command again: it goes on where"
            " it was."
        ) from error


def _is_of_a_driver(error: BaseException) -> bool:
    return any(each.__name__ in {"Error", "DBAPIError"} for each in type(error).__mro__)
