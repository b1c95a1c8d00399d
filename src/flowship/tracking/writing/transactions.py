"""Transactions that write: begun as each kind of database needs it, and tried again when it ends them for another's."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import OperationalError

from flowship.database.driver_errors import number_of, state_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

    from flowship.database.served.connections import Connections

Result = TypeVar("Result")

BEGIN = {
    # Two that read first could not both become writers: the second would fail at once.
    "sqlite": "BEGIN IMMEDIATE",
    # Else MySQL reads in all of a transaction what was there at its first read, and locks the gaps between rows.
    "mysql": "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
}
"""What a transaction begins with."""

ATTEMPTS = 3
"""How often a transaction is tried that the database ends in favour of another."""

UNFINISHED_STATES, UNFINISHED_NUMBERS = frozenset({"40001", "40P01"}), frozenset({1213})
"""How PostgreSQL and MySQL say that they have ended a transaction in favour of another."""


def takes_transactions(engine: Engine) -> bool:
    """Tell whether the database takes transactions that are begun so; MySQL with a log of statements does not."""
    if engine.dialect.name != "mysql":
        return True
    with engine.connect() as connection:
        has_log, kind = connection.exec_driver_sql("SELECT @@log_bin, @@binlog_format").one()
    return not has_log or kind != "STATEMENT"


class Transactions:
    """Transactions on borrowed connections."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._first = BEGIN.get(connections.dialect.name)

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Do the work in one transaction, whatever others do meanwhile. It may be begun several times.

        Raises:
            DBAPIError: the database does not take it, or never for all the others.
        """
        return _tried(lambda: self._once(work))

    def run_statement(self, work: Callable[[Connection], Result]) -> Result:
        """Do the work, which is one statement of PostgreSQL's, as a transaction of its own.

        Raises:
            DBAPIError: as `run`.
        """
        return _tried(lambda: self._alone(work))

    def _once(self, work: Callable[[Connection], Result]) -> Result:
        with self._connections.writing() as connection:
            if self._first:
                connection.exec_driver_sql(self._first)
            return work(connection)

    def _alone(self, work: Callable[[Connection], Result]) -> Result:
        with self._connections.without_transaction() as connection:
            return work(connection)


def _tried(once: Callable[[], Result]) -> Result:
    for _ in range(ATTEMPTS - 1):
        try:
            return once()
        except OperationalError as error:
            if not _is_unfinished(error):
                raise
    return once()


def _is_unfinished(error: OperationalError) -> bool:
    original = error.orig
    return original is not None and (
        state_of(original) in UNFINISHED_STATES or number_of(original) in UNFINISHED_NUMBERS
    )
