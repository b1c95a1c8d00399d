"""What the tracking database is asked for in a thread of its own and only now and then, so that a database that hangs
costs nobody anything."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from flowship.database.database import Database

Known = TypeVar("Known")

ASK_LIMIT = 2
"""Seconds that the database has for its answer; the first asker waits as long."""
FRESH = 30.0
"""Seconds for which an answer is not asked for again."""


class NowAndThen(Generic[Known]):
    """Knows an answer of the tracking database, as of at most half a minute ago."""

    def __init__(
        self,
        tracking: Database,
        ask: Callable[[Engine], Known | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tracking = tracking
        self._ask_for = ask
        self._clock = clock
        self._found: Known | None = None
        self._asked = float("-inf")
        self._thread: threading.Thread | None = None

    def known(self) -> Known | None:
        """Give the answer; None when there is none, or the database has not told yet."""
        first = self._thread is None
        if self._clock() - self._asked > FRESH and (self._thread is None or not self._thread.is_alive()):
            self._asked = self._clock()
            self._thread = threading.Thread(target=self._ask, name="flowship-now-and-then", daemon=True)
            self._thread.start()
        if first and self._thread is not None:
            self._thread.join(ASK_LIMIT)
        return self._found

    def _ask(self) -> None:
        try:
            self._found = self._ask_for(self._tracking.engine(connect_timeout=ASK_LIMIT, read_timeout=ASK_LIMIT))
        except Exception:  # readiness says what is wrong with the database; what was known stays
            return
