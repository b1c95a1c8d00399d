"""The locks of tables that a migration of PostgreSQL takes before it changes anything.

MLflow's scripts lock one table after the other, and requests do so in another order: either would end in a deadlock, a
long migration for nothing. So all are taken at once here, and given back at once while a request holds one of them.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from flowship.database.driver_errors import state_of
from flowship.mlflow_seams.database import experiment_tables
from flowship.until import until

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from sqlalchemy import Connection, Engine, MetaData

    from flowship.database.database import Database
    from flowship.database.migrating.outlook import Outlook

PATIENCE = "300ms"
"""How long a try waits for a table; PostgreSQL looks for deadlocks after a second."""
PAUSE = 0.2
"""Seconds between two tries, in which the requests go on that waited behind the last one."""
SOON = 5.0
"""Seconds of tries until it is told what is waited for."""

LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's code of a lock that was not given in time."""


def wanted(ahead: Outlook, existing: Collection[str], parents: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """Give the tables that a migration comes to lock, by the mode of the lock.

    It needs for itself what it changes, and, where what a revision does is unknown, all. What new foreign keys name,
    which `parents` tells of each table, it only keeps from being written.
    """
    changed = set(ahead.locked) if ahead.is_known else set(existing)
    made = {table for each in ahead.pending if each.step for table in each.step.makes}
    named = set[str]().union(*(parents.get(table, set()) for table in made | changed)) - changed
    found = {"ACCESS EXCLUSIVE": changed, "SHARE ROW EXCLUSIVE": named}
    return {mode: sorted(tables & set(existing)) for mode, tables in found.items() if tables & set(existing)}


@contextmanager
def held(database: Database, ahead: Outlook, report: Callable[[str], None]) -> Iterator[Engine]:
    """Wait for the locks, however long; give an engine whose only connection holds them until it commits."""
    from sqlalchemy import StaticPool, inspect

    engine = database.engine(pool=StaticPool)
    models = experiment_tables.metadata()
    try:
        with engine.connect() as connection:
            tables = wanted(ahead, models.tables.keys() & inspect(connection).get_table_names(), _parents(models))
            connection.rollback()

            def try_it() -> bool:
                return _try(connection, tables)

            if not until(try_it, every=PAUSE, limit=SOON):
                named = ", ".join(table for names in tables.values() for table in names)
                report(f"requests hold some of {named} in {database.shown}; waiting until they end")
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


def _parents(models: MetaData) -> dict[str, set[str]]:
    """The tables that the foreign keys of each table name."""
    return {name: {key.column.table.name for key in table.foreign_keys} for name, table in models.tables.items()}
