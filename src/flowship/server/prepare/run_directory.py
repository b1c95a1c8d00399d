"""A private directory for what the processes of one server share while it runs: metrics, queues of jobs.

Its name cannot tell whether it is still used: a container's server is process 1 again after each restart, and servers
of several containers may share the memory but not the numbers of processes. So it is locked while any process lives
that came from the one that made it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flowship.file_lock import try_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a private directory is made in it
PREFIX = "flowship-server-"
DRAFT = "flowship-new-"
"""What the name begins with until the directory is locked."""


@contextmanager
def run_directory() -> Iterator[Path]:
    """Make a directory, in memory where that can be written, which goes with the process that made it.

    What a killed server left behind is removed too.
    """
    parent = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
    _remove_abandoned(parent)
    draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=parent))
    lock = os.open(draft, os.O_RDONLY | os.O_DIRECTORY)
    try_lock(lock)  # which nobody else knows of yet
    directory = draft.rename(parent / f"{PREFIX}{draft.name.removeprefix(DRAFT)}")
    owner = os.getpid()
    try:
        yield directory
    finally:
        if os.getpid() == owner:  # and not a fork of it
            shutil.rmtree(directory, ignore_errors=True)
        os.close(lock)


def _remove_abandoned(parent: Path) -> None:
    for found in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # another user's, or removed by another one that starts now
            lock = os.open(found, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if try_lock(lock):
                    shutil.rmtree(found, ignore_errors=True)
            finally:
                os.close(lock)
