"""Runs commands of Flowship to their end, each in a process of its own, without importing everything again for each.

They are forked from one process that has imported what costs most, and nothing that reads settings; each has the
environment, directory and files that it would have as a program. Programs themselves are what `running` and `serving`
start.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(
    [
        "flowship.cli.app",
        "mlflow.store.tracking.sqlalchemy_store",
        "mlflow.store.model_registry.sqlalchemy_store",
        "boto3",
    ]
)


def run_forked(
    arguments: Sequence[str], environ: Mapping[str, str], given: str, directory: Path, limit: float
) -> subprocess.CompletedProcess[str]:
    """Run `flowship` with these arguments.

    Raises:
        subprocess.TimeoutExpired: it did not end within the limit.
    """
    with tempfile.TemporaryDirectory() as folder:
        stdin, stdout, stderr = (Path(folder, name) for name in ("stdin", "stdout", "stderr"))
        stdin.write_text(given)
        files = [str(file) for file in (stdin, stdout, stderr)]
        process = _PROCESSES.Process(target=_command, args=(list(arguments), dict(environ), str(directory), files))
        process.start()
        process.join(limit)
        if process.is_alive():
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(["flowship", *arguments], limit, stdout.read_text(), stderr.read_text())
        assert process.exitcode is not None
        ended = process.exitcode
        process.close()
        return subprocess.CompletedProcess(["flowship", *arguments], ended, stdout.read_text(), stderr.read_text())


def _command(arguments: list[str], environ: dict[str, str], directory: str, files: list[str]) -> None:
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(directory)
    for number, file in enumerate(files):
        opened = os.open(file, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - as long as the process
    sys.argv = ["flowship", *arguments]
    from flowship.cli.app import main

    main()
