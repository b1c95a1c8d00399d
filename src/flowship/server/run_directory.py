"""A private directory for what the processes of one server share while it runs: metrics, queues of jobs."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a private directory is made in it
PREFIX = "flowship-run-"
LOCK = "lock"


@contextmanager
def run_directory() -> Iterator[Path]:
    """A new directory, in memory where that can be written, which goes with the process that made it.

    What a killed server left behind is removed too: nobody holds its lock. The number of a process would not tell, as
    containers that share the memory have numbers of their own.
    """
    parent = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
    _remove_abandoned(parent)
    directory = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    owner = os.getpid()
    with (directory / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # its forks hold it too, so it is free when the last of them has ended
        try:
            yield directory
        finally:
            if os.getpid() == owner:  # and not a fork of it
                shutil.rmtree(directory, ignore_errors=True)


def _remove_abandoned(parent: Path) -> None:
    for found in parent.glob(f"{PREFIX}*/{LOCK}"):
        with contextlib.suppress(OSError), found.open("r+") as lock:  # held by another, or of another user
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(found.parent, ignore_errors=True)
