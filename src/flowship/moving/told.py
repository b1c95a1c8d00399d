"""Who is told of a move while it goes on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SELDOM = 30.0
"""Seconds between two lines about what is counted."""


class Told:
    """Tells steps, and now and then how far what is counted is."""

    def __init__(self, report: Callable[[str], None], pause: float = SELDOM) -> None:
        self._report = report
        self._pause = pause
        self._last = time.monotonic()
        self._what = ""
        self._done = 0

    def step(self, sentence: str) -> None:
        """Tell of a step that was done, or of a cause of waiting."""
        self._report(sentence)

    def counted(self, what: str, total: int, more: int) -> None:
        """Count some more of something; `total` is 0 where nobody knows it."""
        self._done = self._done + more if self._what == what else more
        self._what = what
        if (now := time.monotonic()) - self._last >= self._pause:
            self._last = now
            self.far(f"{what}: {self._done}{f' of {total}' if total else ''}")

    def far(self, sentence: str) -> None:
        """Tell how far it is."""
        self._report(sentence)
