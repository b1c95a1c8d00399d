"""The indexes that Flowship adds to MLflow's tables: a page of an experiment is then no sort of all its runs, and on
PostgreSQL neither is one by a metric, nor one of runs with some value; and removing a run reads no table whole.

MLflow's own migrations never see one in a SQLite file, where they make tables anew, and need not mind them elsewhere.
Without them everything works, only slower: so no failure here keeps a server from starting.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.database.lock import locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Connection, Engine, Inspector

    from flowship.database.database import Database

    Report = Callable[[str], None]

SHORT = 250
"""Characters of the longest value of a parameter that is in an index: PostgreSQL refuses a row whose entry is long."""


@dataclass(frozen=True)
class Index:
    """An index on one of MLflow's tables, made and dropped without keeping others from writing."""

    name: str
    table: str
    columns: Mapping[str, str]
    """What follows the table, for each kind of database that has it."""

    def making(self, kind: str) -> str:
        """Give the statement that makes it."""
        concurrently, in_place = _beside_others(kind)
        return f"CREATE INDEX {concurrently}{self.name} ON {self.table} {self.columns[kind]}{in_place}"

    def dropping(self, kind: str) -> str:
        """Give the statement that drops it."""
        of_table = f" ON {self.table}" if kind == "mysql" else ""
        return f"DROP INDEX {_beside_others(kind)[0]}{self.name}{of_table}"

    def is_whole(self, connection: Connection) -> bool:
        """Tell whether a database has it, and not what an interrupted making has left, which is kept up, and never
        used."""
        from sqlalchemy import inspect, text

        kind = connection.dialect.name
        if kind not in self.columns:
            return False
        if kind == "postgresql":
            whole = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
            return bool(connection.execute(whole, {"name": self.name}).scalar())
        return self.is_there(inspect(connection))

    def is_there(self, inspector: Inspector) -> bool:
        """Tell whether a database has an index of this name, whole or not."""
        return self.name in {index["name"] for index in inspector.get_indexes(self.table)}


def _beside_others(kind: str) -> tuple[str, str]:
    """Give the words that have others write meanwhile, before an index's name and at the end."""
    return "CONCURRENTLY " if kind == "postgresql" else "", " ALGORITHM=INPLACE LOCK=NONE" if kind == "mysql" else ""


_BY_START = "(experiment_id, lifecycle_stage, start_time DESC, run_uuid)"
RUNS_BY_START = Index(
    "flowship_runs_by_start",
    "runs",
    {
        "postgresql": _BY_START,
        "sqlite": _BY_START,
        # With the experiment first it would take the place of the index that MySQL has made for the foreign key, and
        # could not be dropped again.
        "mysql": "(lifecycle_stage, experiment_id, start_time DESC, run_uuid)",
    },
)
METRICS_BY_VALUE = Index(
    "flowship_metrics_by_value", "latest_metrics", {"postgresql": "(key, value) INCLUDE (run_uuid, is_nan)"}
)
PARAMS_BY_VALUE = Index(
    "flowship_params_by_value",
    "params",
    {"postgresql": f"(key, value) INCLUDE (run_uuid) WHERE length(value) <= {SHORT}"},
)
_BY_RUN = "(run_id)"
MODEL_METRICS_BY_RUN = Index(
    "flowship_model_metrics_by_run", "logged_model_metrics", {"postgresql": _BY_RUN, "sqlite": _BY_RUN}
)
"""For `flowship gc`: the table has a foreign key to runs, and is read whole for each run that is removed. MySQL makes
an index for each foreign key by itself."""
INDEXES = (RUNS_BY_START, METRICS_BY_VALUE, PARAMS_BY_VALUE, MODEL_METRICS_BY_RUN)

LONGEST = 600.0
"""Seconds that one may take: PostgreSQL waits for the end of all older transactions, such as a dump."""


def keep(database: Database, report: Report, *, wanted: bool, limit: float = LONGEST) -> None:
    """Make the indexes, or drop them, unless they are as wanted; `report` is told what is done where there are runs,
    and what could not be."""
    from sqlalchemy.exc import SQLAlchemyError

    if not _others(database, wanted=wanted):
        return
    with locked(database, report=report):
        for index, left in _others(database, wanted=wanted):
            called = f"the index {index.name} in {database.shown}"
            try:
                if _has_runs(database):
                    report(f"{'making' if wanted else 'dropping'} {called}, beside those who use it")
                with _connected(database, limit) as connection:
                    if left:
                        connection.exec_driver_sql(index.dropping(database.kind))
                    if wanted:
                        connection.exec_driver_sql(index.making(database.kind))
            except SQLAlchemyError as error:
                said = " ".join(str(getattr(error, "orig", None) or error).split())
                report(
                    f"{called} could not be {'made' if wanted else 'dropped'}: {said}. Everything works without it,"
                    " only searches for runs and `flowship gc` may be slow. The next `flowship migrate` tries again;"
                    " backendStore.searchIndex says whether it is wanted"
                )
                return  # what hinders one hinders the others


def remove(engine: Engine) -> None:
    """Drop them from a SQLite file, if they are there."""
    with engine.begin() as connection:
        for index in INDEXES:
            connection.exec_driver_sql(f"DROP INDEX IF EXISTS {index.name}")


def _others(database: Database, *, wanted: bool) -> list[tuple[Index, bool]]:
    """Give the indexes that are not as wanted, each with whether there is something of it."""
    from sqlalchemy import inspect

    with database.engine().connect() as connection:
        inspector = inspect(connection)
        found = [
            (index, index.is_there(inspector), index.is_whole(connection))
            for index in INDEXES
            if database.kind in index.columns and inspector.has_table(index.table)
        ]
    return [(index, there) for index, there, whole in found if (not whole if wanted else there)]


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
