"""Short transactions beside a server that writes: begun as the server's own, and tried again when they lose."""

from __future__ import annotations

import time
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import OperationalError

from flowship.database.driver_errors import number_of, state_of
from flowship.database.served import file_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from flowship.database.database import Database

Result = TypeVar("Result")

ATTEMPTS = 5
PAUSE = 0.5
"""Seconds before a transaction is tried again, longer each time."""

LOST_STATES, LOST_NUMBERS = frozenset({"40001", "40P01", "55P03"}), frozenset({1205, 1213})
"""How PostgreSQL and MySQL say that a transaction was ended in favour of another, or waited too long for one."""


class Writing:
    """Runs transactions on one database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.engine = database.engine()

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Do the work in one transaction. It may be begun several times. Raises what SQLAlchemy raises."""
        for attempt in range(1, ATTEMPTS):
            try:
                with self._transaction() as connection:
                    return work(connection)
            except OperationalError as error:
                if not _has_lost(error):
                    raise
            time.sleep(attempt * PAUSE)
        with self._transaction() as connection:
            return work(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection to read."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        turn = file_turns.turn(str(self.database.file)) if self.database.is_file else nullcontext()
        with turn, self.engine.connect() as connection, connection.begin():
            match self.engine.dialect.name:
                case "sqlite":
                    connection.exec_driver_sql("PRAGMA foreign_keys = ON")
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                case "mysql" | "mariadb":
                    # Else it would lock the gaps between rows, in which others write.
                    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            yield connection


def _has_lost(error: OperationalError) -> bool:
    original = error.orig
    return original is not None and (
        state_of(original) in LOST_STATES
        or number_of(original) in LOST_NUMBERS
        or "database is locked" in str(original)
    )
