"""The kernel's lock on a file or directory: it ends with the last process that has its descriptor."""

from __future__ import annotations

import fcntl


def try_lock(descriptor: int) -> bool:
    """Take the lock for this open file alone, without waiting. Returns whether no other process had it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
