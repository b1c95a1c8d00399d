"""The locks of tables that a migration of PostgreSQL takes before it changes anything.

MLflow's scripts lock one table after the other, and requests do so in another order: either would end in a deadlock, a
long migration for nothing. So all are taken at once here, and given back at once while a request holds one of them.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from flowship.database.driver_errors import state_of
from flowship.mlflow_seams.database import experiment_tables
from flowship.mlflow_seams.database.revisions import Change
from flowship.until import until

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from sqlalchemy import Connection, Engine

    from flowship.database.database import Database
    from flowship.database.migrating.outlook import Outlook

PATIENCE = "300ms"
"""How long a try waits for a table; PostgreSQL looks for deadlocks after a second."""
PAUSE = 0.2
"""Seconds between two tries, in which the requests go on that waited behind the last one."""
SOON = 5.0
"""Seconds of tries until it is told what is waited for."""

FOR_ITSELF, UNWRITTEN = "ACCESS EXCLUSIVE", "SHARE ROW EXCLUSIVE"
"""PostgreSQL's modes: nobody else reads or writes, and nobody else writes."""

LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's code of a lock that was not given in time."""


def wanted(ahead: Outlook, existing: Collection[str], parents: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """Give the tables that a migration comes to lock, by the mode of the lock.

    It needs for itself what it changes, with the tables at the other end of a foreign key that it takes off; and, where
    what a revision does is unknown, all. What new foreign keys name, which `parents` tells of each table, it only keeps
    from being written.
    """
    if not ahead.is_known:
        return {FOR_ITSELF: sorted(existing)}
    changes = [(table, does) for each in ahead.pending for table, does in each.tables.items()]
    keyed = {table for table, does in changes if {Change.KEY, Change.FOREIGN_KEY} & set(does)}
    made = {table for each in ahead.pending if each.step for table in each.step.makes}
    alone = {*ahead.locked, *_named(keyed, parents)} & set(existing)
    unwritten = _named(made | set(ahead.locked), parents) & set(existing) - alone
    return {mode: sorted(tables) for mode, tables in ((FOR_ITSELF, alone), (UNWRITTEN, unwritten)) if tables}


def _named(tables: set[str], parents: Mapping[str, set[str]]) -> set[str]:
    return set[str]().union(*(parents.get(table, set()) for table in tables))


@contextmanager
def held(database: Database, ahead: Outlook, report: Callable[[str], None]) -> Iterator[Engine]:
    """Wait for the locks, however long; give an engine whose only connection holds them until it commits."""
    from sqlalchemy import StaticPool, inspect

    engine = database.engine(pool=StaticPool)
    try:
        with engine.connect() as connection:
            named = parents()
            tables = wanted(ahead, named.keys() & inspect(connection).get_table_names(), named)
            connection.rollback()

            def try_it() -> bool:
                return _try(connection, tables)

            if not until(try_it, every=PAUSE, limit=SOON):
                all_of_them = ", ".join(table for names in tables.values() for table in names)
                report(f"requests hold some of {all_of_them} in {database.shown}; waiting until they end")
                until(try_it, every=PAUSE)
            yield engine
    finally:
        engine.dispose()


def _try(connection: Connection, tables: Mapping[str, list[str]]) -> bool:
    """Take all the locks, or none."""
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    quoted = connection.dialect.identifier_preparer.quote
    try:
        connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
        for mode, names in tables.items():
            connection.execute(text(f"LOCK TABLE {', '.join(map(quoted, names))} IN {mode} MODE"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
    except DBAPIError as error:
        connection.rollback()
        if error.orig and state_of(error.orig) == LOCK_NOT_AVAILABLE:
            return False
        raise
    return True


def parents() -> dict[str, set[str]]:
    """Give the tables that the foreign keys of each table of MLflow's name."""
    models = experiment_tables.metadata()
    return {name: {key.column.table.name for key in table.foreign_keys} for name, table in models.tables.items()}
