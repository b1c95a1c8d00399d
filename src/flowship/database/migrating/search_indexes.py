"""The index that Flowship adds to MLflow's table of runs: a page of an experiment is then no sort of all its runs.

MLflow's own migrations never see it in a SQLite file, where they make tables anew, and need not mind it elsewhere.
Without it everything works, only slower: so no failure here keeps a server from starting.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flowship.database.lock import locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

    from flowship.database.database import Database

    Report = Callable[[str], None]

NAME = "flowship_runs_by_start"

COLUMNS = "experiment_id, lifecycle_stage, start_time DESC, run_uuid"
# With the experiment first it would take the place of the index that MySQL has made for the foreign key, and could not
# be dropped again.
MYSQL_COLUMNS = "lifecycle_stage, experiment_id, start_time DESC, run_uuid"

MAKING = {
    "postgresql": f"CREATE INDEX CONCURRENTLY {NAME} ON runs ({COLUMNS})",
    "mysql": f"CREATE INDEX {NAME} ON runs ({MYSQL_COLUMNS}) ALGORITHM=INPLACE LOCK=NONE",
    "sqlite": f"CREATE INDEX {NAME} ON runs ({COLUMNS})",
}
DROPPING = {
    "postgresql": f"DROP INDEX CONCURRENTLY {NAME}",
    "mysql": f"DROP INDEX {NAME} ON runs",
    "sqlite": f"DROP INDEX {NAME}",
}
"""For each kind of database, without keeping others from writing where there can be others."""

LONGEST = 600.0
"""Seconds that it may take: PostgreSQL waits for the end of all older transactions, such as a dump."""


def keep(database: Database, report: Report, *, wanted: bool, limit: float = LONGEST) -> None:
    """Make the index, or drop it, unless it is as wanted; `report` is told what is done where there are runs, and what
    could not be."""
    from sqlalchemy.exc import SQLAlchemyError

    if _is_there(database) is wanted:
        return
    with locked(database, report=report):
        there = _is_there(database)
        if there is wanted:
            return
        index = f"the index {NAME} in {database.shown}"
        try:
            if _has_runs(database):
                report(f"{'making' if wanted else 'dropping'} {index}, beside those who use it")
            with _connected(database, limit) as connection:
                if there is not False:  # one that is not whole is made anew
                    connection.exec_driver_sql(DROPPING[database.kind])
                if wanted:
                    connection.exec_driver_sql(MAKING[database.kind])
        except SQLAlchemyError as error:
            said = " ".join(str(getattr(error, "orig", None) or error).split())
            report(
                f"{index} could not be {'made' if wanted else 'dropped'}: {said}. Everything works without it, only"
                " searches for runs may be slow. The next `flowship migrate` tries again; backendStore.searchIndex says"
                " whether it is wanted"
            )


def remove(engine: Engine) -> None:
    """Drop the index from a SQLite file, if it is there."""
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP INDEX IF EXISTS {NAME}")


def _is_there(database: Database) -> bool | None:
    """Tell whether the index is there; None for what an interrupted making has left, which is kept up, and never
    used."""
    from sqlalchemy import inspect, text

    with database.engine().connect() as connection:
        there = NAME in {index["name"] for index in inspect(connection).get_indexes("runs")}
        if there and database.kind == "postgresql":
            whole = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
            return connection.execute(whole, {"name": NAME}).scalar() or None
        return there


def _has_runs(database: Database) -> bool:
    with database.engine().connect() as connection:
        return connection.exec_driver_sql("SELECT 1 FROM runs LIMIT 1").first() is not None


@contextmanager
def _connected(database: Database, limit: float) -> Iterator[Connection]:
    """Give a connection without a transaction around what is done, which ends after `limit` seconds."""
    with database.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        driver = connection.connection.dbapi_connection
        # PyMySQL has no way to cancel; nor does MySQL wait for readers here, but for those who hold the table itself.
        cancel = getattr(driver, "cancel", None) or getattr(driver, "interrupt", None)
        timer = threading.Timer(limit, cancel) if cancel else None
        if timer:
            timer.daemon = True
            timer.start()
        try:
            yield connection
        finally:
            if timer:
                timer.cancel()
