"""Whose turn it is to use the database: so many connections a process may have in use at once, handed out in order.

MLflow opens up to three sessions inside each other in one request, each with a connection of its own. When every
connection is held by a request that waits for its second, none ever comes back. So the last connections are kept for
those who hold some already: whoever asks for a first one leaves two free, whoever asks for a second leaves one. One
request can then always go on to its end, and the others after it.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from functools import cache

NESTING = 3
"""Connections that one request holds at most, one inside the other (MLflow 3.17.2)."""

WAIT = 60.0
"""Seconds that a request waits for its turn; half of what MLflow's client waits for an answer."""


class NoTurnError(Exception):
    """All connections that this process may use were in use for too long."""


@dataclass
class _Waiting:
    owner: int
    turn: threading.Event = field(default_factory=threading.Event)


class Turns:
    """The connections that may be in use at once."""

    def __init__(self, total: int, wait: float = WAIT) -> None:
        self.total = max(total, NESTING)
        self._wait = wait
        self._used = 0
        self._held: Counter[int] = Counter()
        # By how many the one who waits holds already: who holds more comes first, or could never give any back.
        self._queues: tuple[deque[_Waiting], ...] = tuple(deque() for _ in range(NESTING))
        self._lock = threading.Lock()

    def take(self) -> int:
        """Wait for a connection's turn in order, take it, and return its owner, this thread.

        Whoever runs the event loop is not kept waiting, nor is who holds more than MLflow was known to.

        Raises:
            NoTurnError: there was none in time.
        """
        owner = threading.get_ident()
        with self._lock:
            holds = self._held[owner]
            if holds >= NESTING or _runs_the_loop() or (self._is_free(holds) and not any(self._queues[holds:])):
                self._give(owner)
                return owner
            waiting = _Waiting(owner)
            self._queues[holds].append(waiting)
        if not waiting.turn.wait(self._wait):
            self._give_up(waiting, holds)
        return owner

    def put_back(self, owner: int) -> None:
        """Give a turn back, from whatever thread, and let those go on whose turn it is."""
        with self._lock:
            self._used -= 1
            self._held[owner] -= 1
            if not self._held[owner]:
                del self._held[owner]
            for holds in reversed(range(NESTING)):
                queue = self._queues[holds]
                while queue and self._is_free(holds):
                    next_one = queue.popleft()
                    self._give(next_one.owner)
                    next_one.turn.set()

    def _is_free(self, holds: int) -> bool:
        return self._used + NESTING - holds <= self.total

    def _give(self, owner: int) -> None:
        self._used += 1
        self._held[owner] += 1

    def _give_up(self, waiting: _Waiting, holds: int) -> None:
        with self._lock:
            if waiting.turn.is_set():  # at the last moment
                return
            self._queues[holds].remove(waiting)
        raise NoTurnError(f"all {self.total} connections of this process were in use for {self._wait:.0f} s")


@cache
def of_this_process(total: int) -> Turns:
    """Give the turns that all pools of this process share: a request may use more than one database."""
    return Turns(total)


def _runs_the_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
