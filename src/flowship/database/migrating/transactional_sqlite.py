"""SQLite with transactions around changes of the schema, so that a migration of a file succeeds or leaves nothing."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flowship.database.engine import SQLITE_BUSY

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def explicit_transactions() -> Iterator[None]:
    """Let each step of a migration of SQLite succeed or leave nothing behind.

    Python's SQLite module commits before a statement that changes the schema, though SQLite itself could undo it
    (https://docs.sqlalchemy.org/en/21/dialects/sqlite.html on transactional DDL). MLflow's scripts open engines of
    their own, hence the listeners on all engines, for as long as the migration takes.
    """
    from sqlalchemy import Connection, Engine, event

    def leave_transactions_to_us(connection: Any, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.isolation_level = None
            connection.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY * 1000}")
            if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
                # With WAL, a power cut may then cost the last steps, which are done again, but never the file.
                connection.execute("PRAGMA synchronous = NORMAL")

    def begin(connection: Connection) -> None:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")

    event.listen(Engine, "connect", leave_transactions_to_us)
    event.listen(Engine, "begin", begin)
    try:
        yield
    finally:
        event.remove(Engine, "connect", leave_transactions_to_us)
        event.remove(Engine, "begin", begin)
