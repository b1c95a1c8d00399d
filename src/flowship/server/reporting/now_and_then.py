"""What is asked for in a thread of its own and only now and then, so that what hangs or costs much holds nobody up."""

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
"""Seconds that a database has for its answer; the first asker waits as long."""
FRESH = 30.0
"""Seconds for which an answer of a database is not asked for again."""


class NowAndThen(Generic[Known]):
    """Knows an answer, as of at most `fresh` seconds ago; whoever asks first waits for it for some seconds."""

    def __init__(
        self,
        ask: Callable[[], Known | None],
        *,
        fresh: float,
        first_waits: float = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask_for = ask
        self._fresh, self._first_waits = fresh, first_waits
        self._clock = clock
        self._found: Known | None = None
        self._asked = float("-inf")
        self.thread: threading.Thread | None = None
        """The one that asks, or has asked last."""

    def known(self) -> Known | None:
        """Give the answer; None when there is none, or it is not there yet."""
        first = self.thread is None
        if self._clock() - self._asked > self._fresh and (self.thread is None or not self.thread.is_alive()):
            self._asked = self._clock()
            self.thread = threading.Thread(target=self._ask, name="flowship-now-and-then", daemon=True)
            self.thread.start()
        if first and self._first_waits and self.thread is not None:
            self.thread.join(self._first_waits)
        return self._found

    def _ask(self) -> None:
        try:
            self._found = self._ask_for()
        except Exception:  # readiness says what is wrong with a database; what was known stays
            return


def of_database(
    tracking: Database, ask: Callable[[Engine], Known | None], clock: Callable[[], float] = time.monotonic
) -> NowAndThen[Known]:
    """Make what knows an answer of the tracking database, as of at most half a minute ago."""
    return NowAndThen(
        lambda: ask(tracking.engine(connect_timeout=ASK_LIMIT, read_timeout=ASK_LIMIT)),
        fresh=FRESH,
        first_waits=ASK_LIMIT,
        clock=clock,
    )
