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
LOGGED_EVERY = 60.0
"""Seconds between two lines of the log that say so."""

_logger = logging.getLogger(__name__)


class Outage:
    """Keeps what this worker knows of the directory. `observe` is told when it goes down and comes back."""

    def __init__(
        self, observe: Callable[[bool], None] = lambda down: None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._observe, self._clock = observe, clock
        self._lock = threading.Lock()
        self._down = self._asking = False
        self._ask_again_at = 0.0
        self._logged_at = -LOGGED_EVERY

    @property
    def lasts(self) -> bool:
        """Whether the directory is down, and it is not yet time to ask again, or somebody is asking."""
        with self._lock:
            return self._lasts()

    def may_ask(self) -> bool:
        """Tell whether the directory may be asked now. Who is told so reports afterwards how it ended."""
        with self._lock:
            if self._lasts():
                return False
            self._asking = self._down
            return True

    def failed(self, cause: str) -> None:
        """Report that the directory did not answer, and why."""
        with self._lock:
            began, self._down, self._asking = not self._down, True, False
            self._ask_again_at = self._clock() + TRY_AGAIN_AFTER
        if began:
            self._observe(True)
        self.log(f"the directory cannot be asked ({cause}). Users who were verified before go on for a time")

    def ended(self) -> None:
        """Report that the directory answered."""
        with self._lock:
            was, self._down, self._asking = self._down, False, False
            if was:
                self._logged_at = -LOGGED_EVERY
        if was:
            self._observe(False)
            _logger.info("the directory answers again")

    def log(self, sentence: str) -> None:
        """Write a sentence into the log, unless one was written within a minute."""
        with self._lock:
            now = self._clock()
            if now - self._logged_at < LOGGED_EVERY:
                return
            self._logged_at = now
        _logger.error("%s", sentence)

    def _lasts(self) -> bool:
        return self._down and (self._asking or self._clock() < self._ask_again_at)
