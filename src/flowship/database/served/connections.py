"""Connections to MLflow's database as the hot API borrows them: from MLflow's pool, for as few round trips as can be.

Nobody asks first whether a connection still works: when it does not, MLflow answers the request, on one that it tries.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from flowship.database.served import file_turns
from flowship.database.served.ordered_pool import as_they_are

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Dialect, Engine


class Connections:
    """Lends the connections of one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # PostgreSQL shows each statement what is committed when it begins, in a transaction too: so none is needed to
        # read.
        self._reads_without_transaction = engine.dialect.name == "postgresql"

    @property
    def dialect(self) -> Dialect:
        """The kind of database, and its driver."""
        return self._engine.dialect

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Lend a connection in a transaction, which is committed at the end."""
        with self._turn(), self._connected() as connection, connection.begin():
            yield connection

    def _turn(self) -> AbstractContextManager[None]:
        """Wait for a turn to write, where one writes at a time."""
        file = self._engine.url.database if self._engine.dialect.name == "sqlite" else None
        return file_turns.turn(file) if file and file != ":memory:" else nullcontext()

    def reading(self) -> AbstractContextManager[Connection]:
        """Lend a connection to read."""
        return self.without_transaction() if self._reads_without_transaction else self._connected()

    @contextmanager
    def without_transaction(self) -> Iterator[Connection]:
        """Lend a connection to PostgreSQL on which each statement is a transaction of its own.

        Set in the driver, where it costs nothing: what SQLAlchemy has for it sets the connection back by a statement.
        """
        with self._connected() as connection:
            driver: Any = connection.connection.dbapi_connection
            driver.autocommit = True
            try:
                yield connection
            except DBAPIError:
                raise  # SQLAlchemy has seen it, and taken the connection out of use if it is broken
            except BaseException:
                connection.invalidate()  # it may be broken, which SQLAlchemy notices at its own statements only
                raise
            finally:
                if not connection.invalidated:
                    driver.autocommit = False

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """Lend a connection, and give it back."""
        with as_they_are():
            connection = self._engine.connect()
        with connection:
            yield connection
