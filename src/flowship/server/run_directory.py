"""A private directory for what the processes of one server share while it runs: metrics, queues of jobs."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a private directory is made in it
PREFIX = "flowship-"


@contextmanager
def run_directory() -> Iterator[Path]:
    """A new directory, in memory where that can be written, which goes with the process that made it.

    What a killed server left behind is removed too: its name holds the number of a process that is gone.
    """
    parent = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
    _remove_abandoned(parent)
    directory = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=parent))
    owner = os.getpid()
    try:
        yield directory
    finally:
        if os.getpid() == owner:  # and not a fork of it
            shutil.rmtree(directory, ignore_errors=True)


def _remove_abandoned(parent: Path) -> None:
    for found in parent.glob(f"{PREFIX}*-*"):
        pid = found.name.removeprefix(PREFIX).partition("-")[0]
        try:
            gone = found.stat().st_uid == os.getuid() and pid.isdigit() and not _lives(int(pid))
        except OSError:  # removed by another one that starts now
            continue
        if gone:
            shutil.rmtree(found, ignore_errors=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
