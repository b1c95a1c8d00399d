"""How many connections a worker takes, and which of them makes room for another one."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 10_000
"""Connections of a worker whatever the limit of file descriptors is: each takes some memory."""
RESERVE = (32, 1024)
"""File descriptors that are kept for databases, artifacts and modules at least and at most; a quarter between."""
USED = 64
"""File descriptors that a worker uses, where they cannot be counted."""
PATIENCE = 1.0
"""Seconds for which a connection may say nothing even when others wait."""


class Connection(Protocol):
    """A connection that may be closed to make room for another one."""

    def waiting(self) -> tuple[bool, float] | None:
        """Tell whether it was ever answered, and since when a request is awaited; None while none is."""


Waiting = TypeVar("Waiting", bound=Connection)


def limit_of_connections(descriptors: int, used: int) -> int:
    """Return how many connections leave file descriptors for the rest, if so many are used before there are any."""
    least, most = RESERVE
    return max(1, min(MOST, descriptors - used - max(least, min(most, descriptors // 4))))


def limit_here() -> int:
    """Return the limit of connections of this process, which has none yet."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return limit_of_connections(MOST * 2 if descriptors == resource.RLIM_INFINITY else descriptors, _used())


def _used() -> int:
    try:
        return sum(1 for _ in Path("/dev/fd").iterdir())
    except OSError:  # no such file system here
        return USED


def longest_waiting(connections: Iterable[Waiting], now: float) -> Waiting | None:
    """Return the connection that has said nothing for longest, those first that never sent a request; None when all are
    used or new."""
    silent = ((found, connection) for connection in connections if (found := connection.waiting()))
    patient = [entry for entry in silent if entry[0][1] + PATIENCE <= now]
    return min(patient, key=lambda entry: entry[0])[1] if patient else None
