"""The thread of a worker that writes: it commits what waits in one transaction, while more comes together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_logger = logging.getLogger(__name__)

ROWS = 2_000
"""Rows of a transaction after which no further request joins it."""


class _Rows(Protocol):
    @property
    def rows(self) -> int:
        """How many rows that are."""


Writes = TypeVar("Writes", bound=_Rows)


class _Waiting(NamedTuple, Generic[Writes]):
    writes: Writes
    answer: asyncio.Future[bool]
    loop: asyncio.AbstractEventLoop


class Writer(Generic[Writes]):
    """Writes for all requests of one kind of a worker, in the order in which they come."""

    def __init__(self, commit: Callable[[Sequence[Writes]], list[bool]]) -> None:
        self._commit = commit
        self._queue: SimpleQueue[_Waiting[Writes]] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def write(self, writes: Writes) -> bool:
        """Tell whether the writes are in the database for good, which takes as long as a transaction."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="flowship-writer", daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bool] = loop.create_future()
        self._queue.put(_Waiting(writes, answer, loop))
        return await answer

    def _run(self) -> None:
        while True:
            group = self._next_group()
            try:
                written = self._commit([waiting.writes for waiting in group])
            except Exception:  # whatever it is, MLflow meets it too, and tells it to a user
                _logger.warning("the writes of %d requests are left to MLflow", len(group), exc_info=True)
                written = [False] * len(group)
            with contextlib.suppress(RuntimeError):  # the worker has ended
                group[0].loop.call_soon_threadsafe(_answer, group, written)

    def _next_group(self) -> list[_Waiting[Writes]]:
        """Whoever waits now, after someone does."""
        group = [self._queue.get()]
        rows = group[0].writes.rows
        while rows < ROWS:
            try:
                group.append(self._queue.get_nowait())
            except Empty:
                break
            rows += group[-1].writes.rows
        return group


def _answer(group: Sequence[_Waiting[Any]], written: Sequence[bool]) -> None:
    for waiting, is_written in zip(group, written, strict=True):
        if not waiting.answer.done():  # the client may be gone
            waiting.answer.set_result(is_written)
