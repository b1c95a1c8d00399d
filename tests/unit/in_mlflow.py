"""Programs that import MLflow, each in a process of its own: importing its auth app reads its configuration and warns.

They are forked from one process that has imported what costs most, and nothing that keeps what a server is told."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from tests.processes import PROCESSES

_REDIRECTED = """
import os, sys
for stream, file in ((1, {printed!r}), (2, {said!r})):
    os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), stream)
os.chdir({directory!r})  # where MLflow puts what it is told no place for
{program}
sys.stdout.flush()
"""


def in_mlflow(program: str) -> str:
    """What the program prints. What it says elsewhere is shown if it fails."""
    with tempfile.TemporaryDirectory() as directory:
        printed, said = (Path(directory, name) for name in ("printed", "said"))
        whole = _REDIRECTED.format(program=program, printed=str(printed), said=str(said), directory=directory)
        process = PROCESSES.Process(target=exec, args=(whole, {"__name__": "__main__"}))
        process.start()
        process.join()
        assert process.exitcode == 0, said.read_text()
        return printed.read_text().strip()


def with_tables(directory: Path) -> Path:
    """Put a new `mlflow.db` into a directory that has MLflow's tables already: making them takes seconds."""
    (directory / "mlflow.db").write_bytes(_tables())
    return directory


@functools.cache
def _tables() -> bytes:
    """A file of SQLite with MLflow's tables and nothing in them."""
    with tempfile.TemporaryDirectory() as directory:
        in_mlflow(
            "from pathlib import Path; from sqlalchemy import create_engine;"
            "from flowship.database.url import sqlite_url; from flowship.mlflow_seams.database import schema;"
            f"engine = create_engine(sqlite_url(Path({directory!r}) / 'mlflow.db'));"
            "schema.initialise_tracking(engine); engine.dispose()"
        )
        return Path(directory, "mlflow.db").read_bytes()
