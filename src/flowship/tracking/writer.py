"""The thread of a worker that writes: it commits what waits in one transaction, while more comes together."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowship.tracking.writes import Writes

    Commit = Callable[[Sequence[Writes]], list[bool]]
    Decide = Callable[[], bool]

_logger = logging.getLogger(__name__)

ROWS = 2_000
"""Rows of a transaction after which no further request joins it."""


class _Waiting(NamedTuple):
    writes: Writes
    decide: Decide
    """Whether the sender may write there."""
    answer: asyncio.Future[bool]
    loop: asyncio.AbstractEventLoop


class Writer:
    """Writes for all requests of a worker, in the order in which they come."""

    def __init__(self, commit: Commit) -> None:
        self._commit = commit
        self._queue: SimpleQueue[_Waiting] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def write(self, writes: Writes, may: Decide) -> bool:
        """Whether the writes are in the database for good, which takes as long as a transaction; False also where
        `may` says that the sender must not."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="flowship-writer", daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bool] = loop.create_future()
        context = copy_context()
        self._queue.put(_Waiting(writes, lambda: context.run(may), answer, loop))
        return await answer

    def _run(self) -> None:
        while True:
            group = self._next_group()
            allowed = [waiting for waiting in group if _may(waiting)]
            try:
                written = self._commit([waiting.writes for waiting in allowed]) if allowed else []
            except Exception:  # whatever it is, MLflow meets it too, and tells it to a user
                _logger.warning("the writes of %d requests are left to MLflow", len(allowed), exc_info=True)
                written = [False] * len(allowed)
            done = {id(waiting) for waiting, is_written in zip(allowed, written, strict=True) if is_written}
            group[0].loop.call_soon_threadsafe(_answer, [(waiting.answer, id(waiting) in done) for waiting in group])

    def _next_group(self) -> list[_Waiting]:
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


def _may(waiting: _Waiting) -> bool:
    try:
        return waiting.decide()
    except Exception:  # MLflow decides then
        _logger.debug("it could not be decided whether a user may write", exc_info=True)
        return False


def _answer(outcome: Sequence[tuple[asyncio.Future[bool], bool]]) -> None:
    for answer, done in outcome:
        if not answer.done():  # the client may be gone
            answer.set_result(done)
