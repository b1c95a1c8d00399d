"""Counts what is in a tracking database, at a cost that does not grow with its longest tables.

Experiments and runs are counted, since their states matter and one run has hundreds of rows elsewhere; of the rest the
database's own estimate is told. A SQLite file is read in pieces, between which others can write.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.mlflow_seams.tracking.counted import ESTIMATED, EXPERIMENTS, RUNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection, Engine

PIECE = 50_000
"""Runs that are counted in a SQLite file before others have a turn."""

LIMIT = 30
"""Seconds that a server has for one count."""

BEFORE = {
    # One core is enough: the others are for those who wait.
    "postgresql": f"SET LOCAL statement_timeout = {LIMIT * 1000}; SET LOCAL max_parallel_workers_per_gather = 0",
    # MySQL keeps its estimates for a day, unless a session asks for those of now; MariaDB has them at hand.
    "mysql": f"SET SESSION information_schema_stats_expiry = 0, SESSION max_execution_time = {LIMIT * 1000}",
    "mariadb": f"SET SESSION max_statement_time = {LIMIT}",
}

ESTIMATES = {
    # Neither is always there: the first is gone after a crash, the second before the first vacuum.
    "postgresql": "SELECT c.relname, GREATEST(c.reltuples, s.n_live_tup, 0) FROM pg_class c"
    " JOIN pg_stat_user_tables s ON s.relid = c.oid"
    " WHERE c.relname IN ({names}) AND pg_table_is_visible(c.oid)",
    "mysql": "SELECT table_name, table_rows FROM information_schema.tables"
    " WHERE table_schema = DATABASE() AND table_name IN ({names})",
}


@dataclass(frozen=True)
class Counts:
    """What is in a tracking database."""

    experiments: Mapping[str, int]
    """By stage: `active` or `deleted`."""
    runs: Mapping[tuple[str, str], int]
    """By status and stage."""
    rows: Mapping[str, int]
    """By table, estimated."""


def count(engine: Engine) -> Counts:
    """Count what is in a tracking database, and change nothing. Raises what SQLAlchemy raises."""
    with engine.connect() as connection:
        kind = _kind(engine)  # which is known once it is connected
        # What is set for a transaction does not stay on the connection, which is another's next behind PgBouncer. The
        # others set it for their session; a SQLite file is nobody else's turn while a transaction reads it.
        if kind != "postgresql":
            connection.execution_options(isolation_level="AUTOCOMMIT")
        if before := BEFORE.get(kind):
            connection.exec_driver_sql(before)
        experiments = {stage or "": int(found) for stage, found in connection.exec_driver_sql(EXPERIMENTS)}
        return Counts(experiments, _runs(connection), dict(_rows(connection)))


def _kind(engine: Engine) -> str:
    """Tell which database it is; MariaDB is one of its own here."""
    return "mariadb" if getattr(engine.dialect, "is_mariadb", False) else engine.dialect.name


def _runs(connection: Connection) -> Counter[tuple[str, str]]:
    found = Counter[tuple[str, str]]()
    for where in _pieces(connection):
        for status, stage, number in connection.exec_driver_sql(RUNS.format(where=where)):
            found[status or "", stage or ""] += int(number)
    return found


def _pieces(connection: Connection) -> Iterator[str]:
    """Give the conditions under which runs are counted, one after another."""
    if connection.dialect.name != "sqlite":
        yield ""
        return
    for start in range(0, _last_row(connection, "runs") + 1, PIECE):
        yield f"WHERE rowid BETWEEN {start} AND {start + PIECE - 1}"


def _rows(connection: Connection) -> Iterator[tuple[str, int]]:
    if connection.dialect.name == "sqlite":
        there = {name for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in ESTIMATED:
            if table in there:
                yield table, _last_row(connection, table)
        return
    names = ", ".join(f"'{table}'" for table in ESTIMATED)
    for table, found in connection.exec_driver_sql(ESTIMATES[connection.dialect.name].format(names=names)):
        yield table, int(found or 0)


def _last_row(connection: Connection, table: str) -> int:
    """Give the number of the last row, found without reading the others; rows that were deleted count too."""
    return int(connection.exec_driver_sql(f"SELECT MAX(rowid) FROM {table}").scalar() or 0)  # noqa: S608 - our own name
