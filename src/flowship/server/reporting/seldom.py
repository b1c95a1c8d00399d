"""Warnings that strangers can cause, once a minute at most."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

EVERY = 60.0
"""Seconds between two of a kind."""


class Seldom:
    """Says one kind of warning now and then; it tells how often it was left out since it was last said."""

    def __init__(self, logger: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._logger = logger
        self._clock = clock
        self._said = float("-inf")
        self._left_out = 0

    def warning(self, text: str, *arguments: object) -> None:
        """Log a warning, unless it was logged a moment ago."""
        now = self._clock()
        if now - self._said < EVERY:
            self._left_out += 1
            return
        more = f" (and {self._left_out} times more before this)" if self._left_out else ""
        self._logger.warning(f"{text}%s", *arguments, more)
        self._said, self._left_out = now, 0
