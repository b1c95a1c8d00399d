"""What the processes of one server tell each other: memory that they share, made before they fork."""

from __future__ import annotations

import mmap

_DRAINING = 0
_FIRST_SLOT = 1


class SharedState:
    """Whether the server is about to stop, and which workers serve or end.

    A worker has a slot, a number from 0 that its successor takes over once it is gone. Each flag is one byte with one
    writer.
    """

    def __init__(self, slots: int) -> None:
        self._memory = mmap.mmap(-1, _FIRST_SLOT + 2 * slots)
        self._serving = range(_FIRST_SLOT, _FIRST_SLOT + slots)
        self._ending = range(_FIRST_SLOT + slots, _FIRST_SLOT + 2 * slots)

    @property
    def draining(self) -> bool:
        """Whether the server was asked to stop."""
        return self._memory[_DRAINING] == 1

    def drain(self) -> None:
        """Tell every process that the server was asked to stop."""
        self._memory[_DRAINING] = 1

    def set_serving(self, slot: int, serving: bool) -> None:
        """Say whether the worker in this slot answers requests."""
        self._memory[self._serving[slot]] = int(serving)

    def set_ending(self, slot: int, ending: bool) -> None:
        """Say whether the worker in this slot is about to end by itself, so that another one is wanted beside it."""
        self._memory[self._ending[slot]] = int(ending)

    @property
    def serving(self) -> int:
        """How many workers answer requests."""
        return sum(self._memory[place] for place in self._serving)

    @property
    def ending(self) -> int:
        """How many workers are about to end by themselves."""
        return sum(self._memory[place] for place in self._ending)
