"""One at a time: a lock in the database itself, which ends with the process or connection that holds it."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flowship.errors import DatabaseError
from flowship.file_lock import try_lock
from flowship.until import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from flowship.database.database import Database

LOCK_TIMEOUT = 3600.0
"""Seconds to wait for another process: the migration of a large database takes its time."""
PAUSE = 0.25

# PostgreSQL's advisory locks are numbers, and each database has its own; this one is ours.
ADVISORY_LOCK = int.from_bytes(hashlib.sha256(b"flowship migrate").digest()[:8], signed=True)


@contextmanager
def locked(database: Database, *, report: Callable[[str], None], timeout: float = LOCK_TIMEOUT) -> Iterator[None]:
    """Hold the database's lock; `report` is told once when somebody else has it.

    Nobody else is kept from using the database: only those who ask for this lock wait for each other. Raises
    DatabaseError when somebody else has it for more than `timeout` seconds.
    """
    kinds = {"sqlite": _locked_by_file, "postgresql": _locked_in_postgres, "mysql": _locked_in_mysql}
    with kinds[database.kind](database, report, timeout):
        yield


@contextmanager
def _locked_in_postgres(database: Database, report: Callable[[str], None], timeout: float) -> Iterator[None]:
    """Hold a lock of a transaction, not of a session: it also holds through a pooler that hands out transactions."""
    from sqlalchemy import text

    with database.engine().connect() as connection:
        statement = text("SELECT pg_try_advisory_xact_lock(:number)")

        def try_it() -> bool:
            return bool(connection.execute(statement, {"number": ADVISORY_LOCK}).scalar())

        _acquire(try_it, database, report, timeout)
        # The transaction idles while the migration runs in another one, however long that takes. After this statement
        # it no longer keeps what the one before has seen, for which an index that is made CONCURRENTLY would wait.
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        try:
            yield
        finally:
            _end(connection)


@contextmanager
def _locked_in_mysql(database: Database, report: Callable[[str], None], timeout: float) -> Iterator[None]:
    """Hold a named lock of the session. Names belong to the whole server, so the database's name is part of it. A
    cluster of MySQL servers does not share them: there the lock holds among those that use the same node."""
    from sqlalchemy import text

    digest = hashlib.sha256((database.url.database or "").encode()).hexdigest()[:32]
    name = f"flowship migrate {digest}"  # at most 64 characters
    with database.engine().connect() as connection:
        # Nothing is said on this connection while the migration runs on another one, however long that takes.
        connection.execute(text("SET SESSION wait_timeout = 604800"))

        def try_it() -> bool:
            return bool(connection.execute(text("SELECT GET_LOCK(:name, 0)"), {"name": name}).scalar())

        _acquire(try_it, database, report, timeout)
        try:
            yield
        finally:
            _end(connection)


@contextmanager
def _locked_by_file(database: Database, report: Callable[[str], None], timeout: float) -> Iterator[None]:
    """Hold a lock of the kernel on a file beside the database; the empty file stays, its removal would let two in."""
    file = database.file
    descriptor = os.open(file.with_name(file.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _acquire(lambda: try_lock(descriptor), database, report, timeout)
        yield
    finally:
        os.close(descriptor)


def _acquire(try_it: Callable[[], bool], database: Database, report: Callable[[str], None], timeout: float) -> None:
    if try_it():
        return
    report(f"another process migrates {database.shown}; waiting until it is done")
    if not until(try_it, every=PAUSE, limit=timeout):
        raise DatabaseError(
            f"Another process has held the migration lock of {database.shown} for more than {timeout:.0f} s. See"
            " whether its migration still runs; the lock ends with that process or its connection."
        )


def _end(connection: Connection) -> None:
    """Close a connection for good, which frees the lock; a connection that broke meanwhile is no reason to fail."""
    connection.invalidate()
