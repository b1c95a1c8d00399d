"""Moving metrics from a SQLite file to PostgreSQL: rows a second, processor time of both, and memory over time."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.errors import BenchmarkError
from benchmarks.processes import Tree, pss
from benchmarks.sides import Flowship
from tests.integration.flowship import PROGRAM, sqlite_tables, write_values
from tests.integration.servers.postgres import PostgresServer

if TYPE_CHECKING:
    from benchmarks.session import Session

SPEED = "metrics moved from SQLite to PostgreSQL"
OURS = "processor time of a moved metric, flowship move"
THEIRS = "processor time of a moved metric, PostgreSQL"
GROWTH = "growth of flowship move after its first tenth"

RUNS = 1000
KEYS = 10
FILL = """
WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < {rows})
INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)
SELECT 'metric-' || (n % {keys}), (n * 7919 % 1000003) / 1000003.0, 1700000000000 + n,
       printf('%032x', n * {runs} / {rows}), n / {keys}, 0
FROM number
"""


class LastingPostgres(PostgresServer):
    """A server that loses nothing when the machine stops, as PostgreSQL is by default."""

    def command(self) -> list[str]:
        settings = ("fsync=on", "full_page_writes=on", "synchronous_commit=on", "shared_buffers=128MB")
        return [*super().command(), *(part for setting in settings for part in ("-c", setting))]


def fill(file: Path, rows: int) -> None:
    """Write metrics into a SQLite file with MLflow's tables, by SQL alone."""
    with closing(sqlite3.connect(file)) as connection:
        for number in range(RUNS):
            connection.execute(
                "INSERT INTO runs (run_uuid, name, experiment_id, status, lifecycle_stage, start_time)"
                " VALUES (printf('%032x', ?1), 'run ' || ?1, 0, 'FINISHED', 'active', 1700000000000)",
                [number],
            )
        connection.execute(FILL.format(rows=rows, runs=RUNS, keys=KEYS))
        connection.commit()


def growth(samples: list[int]) -> float:
    """By what share the process was larger, at its largest, than at its largest in the first tenth of its time."""
    begun = max(1, len(samples) // 10)
    return max(samples) / max(samples[:begun]) - 1


def measure(session: Session) -> None:
    """Move the file once a round, each time into a new database."""
    rows = session.plan.moved_metrics
    directory = session.data / "moving"
    directory.mkdir()
    session.report(f"writing {rows} metrics into a SQLite file")
    (directory / "mlflow.db").write_bytes(sqlite_tables())
    fill(directory / "mlflow.db", rows)
    with LastingPostgres() as postgres:
        for number in range(1, session.plan.moves + 1):
            session.report(f"moving them to PostgreSQL, time {number}")
            _move(session, postgres, directory)


def _move(session: Session, postgres: PostgresServer, directory: Path) -> None:
    database, rows = postgres.fresh_database(), session.plan.moved_metrics
    values = write_values(directory / "new.yaml", {"backendStore": {"postgres": database.section()}})
    server = Tree(postgres.pid)
    before, begun, samples = server.cpu_seconds(), time.monotonic(), []
    command = [str(PROGRAM), "move", "--to", str(values), "--from-data", str(directory), "--leave-artifacts"]
    with (directory / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
                samples.append(pss(process.pid))
                time.sleep(0.25)
        except BaseException:
            process.kill()
            process.wait()
            raise
    seconds = time.monotonic() - begun
    process.returncode = os.waitstatus_to_exitcode(ended[1])
    if process.returncode:
        raise BenchmarkError((directory / "log").read_text())
    used = ended[2].ru_utime + ended[2].ru_stime
    for measure_, sample in {
        SPEED: rows / seconds,
        OURS: used / rows,
        THEIRS: (server.cpu_seconds() - before) / rows,
        GROWTH: growth([sample for sample in samples if sample]),
    }.items():
        session.results.add(measure_, Flowship.label, sample)
    postgres.execute(f'DROP DATABASE "{database.name}" WITH (FORCE)')
