"""An iterator that goes on in a thread of its own, a few steps before whoever uses what it gives."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Item = TypeVar("Item")

PAUSE = 0.1
"""Seconds between looks whether anybody still waits."""


class Ahead(Generic[Item]):
    """Gives what an iterator gives, which is made and used up in a thread."""

    def __init__(self, source: Callable[[], Iterator[Item]], steps: int) -> None:
        self._source = source
        self._waiting: queue.Queue[Item | BaseException | None] = queue.Queue(steps)
        self._ended = threading.Event()

    def __iter__(self) -> Iterator[Item]:
        thread = threading.Thread(target=self._work, name="flowship-ahead", daemon=True)
        thread.start()
        try:
            while (item := self._waiting.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            self._ended.set()
            thread.join()

    def _work(self) -> None:
        try:
            for item in self._source():
                if not self._hand_on(item):
                    return
        except BaseException as error:
            self._hand_on(error)
        else:
            self._hand_on(None)

    def _hand_on(self, item: Item | BaseException | None) -> bool:
        """Wait until there is room for an item; whether anybody still wants it."""
        while not self._ended.is_set():
            try:
                self._waiting.put(item, timeout=PAUSE)
            except queue.Full:
                continue
            return True
        return False
