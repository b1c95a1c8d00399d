"""Whose turn it is to write to a SQLite file, among all processes that serve it.

SQLite lets one write at a time, and has the others look again after pauses that grow: who has just written meets a free
file, and who has waited longest sleeps. The kernel wakes who waits for a lock of its own at once.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def turn(database: str) -> Iterator[None]:
    """Wait for a turn, and have it as long as the block lasts; the empty file beside the database stays.

    Whoever cannot have a file there, and MLflow itself, write when SQLite lets them.
    """
    descriptor = _opened(f"{database}.turn")
    if descriptor is None:
        yield
        return
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)  # which is the end of the turn


def _opened(file: str) -> int | None:
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
