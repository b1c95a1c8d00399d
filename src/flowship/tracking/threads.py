"""Threads of the hot API's own, for what may wait for a database.

To hand work to one costs a tenth of what a library's pool of threads takes, which is as much as a small statement.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from contextvars import Context, copy_context
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Done = TypeVar("Done")


class _Work(NamedTuple):
    do: Callable[[], Any]
    context: Context
    answer: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


class Threads:
    """Does what it is given in threads, in the order in which it comes; used on one event loop."""

    def __init__(self, most: int, name: str) -> None:
        """`most` threads are started at most, each when it is first needed."""
        self._most = most
        self._name = name
        self._queue: SimpleQueue[_Work] = SimpleQueue()
        self._started = 0
        self._unanswered = 0

    async def run(self, do: Callable[[], Done]) -> Done:
        """Give what it returns, or raise what it raises. Work that was begun is done, whoever waits for it."""
        loop = asyncio.get_running_loop()
        work = _Work(do, copy_context(), loop.create_future(), loop)
        self._unanswered += 1
        if self._started < min(self._most, self._unanswered):
            self._started += 1
            threading.Thread(target=self._work, name=f"{self._name}-{self._started}", daemon=True).start()
        self._queue.put(work)
        done: Done = await work.answer
        return done

    def _work(self) -> None:
        while True:
            self._do(self._queue.get())

    def _do(self, work: _Work) -> None:
        try:
            result, error = work.context.run(work.do), None
        except BaseException as raised:
            result, error = None, raised
        with contextlib.suppress(RuntimeError):  # the worker has ended
            work.loop.call_soon_threadsafe(self._answer, work.answer, result, error)

    def _answer(self, answer: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
        self._unanswered -= 1
        if answer.done():  # whoever asked is gone
            return
        if error is None:
            answer.set_result(result)
        else:
            answer.set_exception(error)
