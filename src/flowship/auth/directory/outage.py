"""Whether the directory answers: when it does not, one request at a time finds out whether it does again."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TRY_AGAIN_AFTER = 5
"""Seconds after a failure for which nobody asks a directory that is down."""
SAID_EVERY = 60.0
"""Seconds between two lines of the log that say so."""

_logger = logging.getLogger(__name__)


class Outage:
    """What this worker knows of the directory. `observe` is told when it goes down and comes back."""

    def __init__(
        self, observe: Callable[[bool], None] = lambda down: None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._observe, self._clock = observe, clock
        self._lock = threading.Lock()
        self._down = self._asking = False
        self._next = 0.0
        self._said = -SAID_EVERY

    @property
    def lasts(self) -> bool:
        """Whether it is down, and not yet time to ask again, or somebody is asking."""
        with self._lock:
            return self._lasts()

    def ask(self) -> bool:
        """Whether the directory may be asked now. Who is told so says afterwards how it ended."""
        with self._lock:
            if self._lasts():
                return False
            self._asking = self._down
            return True

    def failed(self, cause: str) -> None:
        """It did not answer."""
        with self._lock:
            began, self._down, self._asking = not self._down, True, False
            self._next = self._clock() + TRY_AGAIN_AFTER
        if began:
            self._observe(True)
        self.tell(f"the directory cannot be asked ({cause}). Users who were verified before go on for a time")

    def ended(self) -> None:
        """It answered."""
        with self._lock:
            was, self._down, self._asking = self._down, False, False
            if was:
                self._said = -SAID_EVERY
        if was:
            self._observe(False)
            _logger.info("the directory answers again")

    def tell(self, sentence: str) -> None:
        """Write it into the log, unless something was written within a minute."""
        with self._lock:
            now = self._clock()
            if now - self._said < SAID_EVERY:
                return
            self._said = now
        _logger.error("%s", sentence)

    def _lasts(self) -> bool:
        return self._down and (self._asking or self._clock() < self._next)
