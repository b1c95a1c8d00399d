"""Answers about users and their rights, remembered for a time.

What any worker of this server changes, all of them forget at once; what another server changed, when the time is over.
An answer that was found by means of others is remembered no longer than the oldest of them.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

from cachetools import TLRUCache

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from flowship.auth.generations import Generations

SIZE = 10_000
"""Answers that are remembered at most."""

_ASKING: ContextVar[bool] = ContextVar("flowship_asking_the_database", default=False)
_USED: ContextVar[list[float] | None] = ContextVar("flowship_answers_used", default=None)
"""Until when the answers count that the one at hand is found by."""


@contextmanager
def asking_the_database() -> Iterator[None]:
    """Let nothing be answered from memory in here; what the database says is remembered as always."""
    token = _ASKING.set(True)
    try:
        yield
    finally:
        _ASKING.reset(token)


class _Answer(NamedTuple):
    answer: Any
    until: float


class Answers:
    """Remembers answers; that something is not so is never remembered."""

    def __init__(self, ttl: float, generations: Generations, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl = ttl
        self._generations = generations
        self._clock = clock
        self._answers: TLRUCache[Hashable, _Answer] = TLRUCache(SIZE, lambda key, found, now: found.until, clock)
        self._generation = generations.store
        self._lock = threading.Lock()

    def knows(self, question: Hashable) -> bool:
        """Tell whether the answer is remembered; never blocks for long."""
        with self._lock:
            return self._generations.store == self._generation and question in self._answers

    def remembered(self, question: Hashable, ask: Callable[[], Any]) -> Any:
        """Give the answer that is remembered, or what `ask` says."""
        with self._lock:
            generation = self._generations.store
            if generation != self._generation:
                self._answers.clear()
                self._generation = generation
            elif (known := self._answers.get(question)) and not _ASKING.get():
                _use(known)
                return known.answer
        found = self._ask(ask)
        _use(found)
        with self._lock:
            # One from before a change must not be remembered after it: the number was read before it was asked for.
            if generation == self._generation and found.answer is not False:
                self._answers[question] = found
        return found.answer

    def _ask(self, ask: Callable[[], Any]) -> _Answer:
        until = [self._clock() + self._ttl]
        token = _USED.set(until)
        try:
            return _Answer(ask(), min(until))
        finally:
            _USED.reset(token)


def _use(found: _Answer) -> None:
    if (used := _USED.get()) is not None:
        used.append(found.until)
