"""What the processes of one server tell each other: memory that they share, made before they fork."""

from __future__ import annotations

import mmap
from array import array

from flowship.auth import generations


class SharedState:
    """Whether the server is about to stop, which workers serve or end, how many connections each has, and
    which can take none.

    A worker has a slot, a number from 0 that its successor takes over once it is gone. Each cell has one writer.
    `generations` tells workers what others have changed.
    """

    def __init__(self, slots: int) -> None:
        cells = memoryview(mmap.mmap(-1, array("I").itemsize * (1 + 4 * slots))).cast("I")
        self._draining = cells[:1]
        self._serving, self._ending, self._connections, self._full = (
            cells[1 + part * slots : 1 + (part + 1) * slots] for part in range(4)
        )
        self.generations = generations.Generations(memoryview(mmap.mmap(-1, generations.BYTES)))

    @property
    def draining(self) -> bool:
        """Whether the server was asked to stop."""
        return self._draining[0] == 1

    def drain(self) -> None:
        """Tell every process that the server was asked to stop."""
        self._draining[0] = 1

    def set_serving(self, slot: int, serving: bool) -> None:
        """Say whether the worker in this slot answers requests."""
        self._serving[slot] = int(serving)

    def set_ending(self, slot: int, ending: bool) -> None:
        """Say whether the worker in this slot is about to end by itself, so that another one is wanted beside it."""
        self._ending[slot] = int(ending)

    def is_ending(self, slot: int) -> bool:
        """Tell whether the worker in this slot was about to end by itself."""
        return self._ending[slot] == 1

    def set_connections(self, slot: int, number: int) -> None:
        """Say how many connections the worker in this slot has."""
        self._connections[slot] = number

    def set_full(self, slot: int, full: bool) -> None:
        """Say whether the worker in this slot can take no further connection."""
        self._full[slot] = int(full)

    def others_have_fewer(self, slot: int) -> bool:
        """Tell whether another worker that answers requests has fewer connections than the one in this slot."""
        own = self._connections[slot]
        return any(serving and number < own for serving, number in zip(self._serving, self._connections, strict=True))

    @property
    def serving(self) -> int:
        """How many workers answer requests."""
        return sum(self._serving)

    @property
    def full(self) -> bool:
        """Whether no worker that answers requests can take a further connection."""
        return self.serving > 0 and all(
            full for full, serving in zip(self._full, self._serving, strict=True) if serving
        )

    @property
    def ending(self) -> int:
        """How many workers are about to end by themselves."""
        return sum(self._ending)
