from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar
from functools import partial

import pytest

from flowship.tracking.threads import Threads

NAME: ContextVar[str] = ContextVar("name", default="nobody")
LIMIT = 30.0


def test_work_is_done_in_a_thread_in_the_context_of_whoever_asks() -> None:
    async def ask() -> tuple[str, str]:
        NAME.set("me")
        return await Threads(2, "reader").run(lambda: (threading.current_thread().name, NAME.get()))

    assert asyncio.run(ask()) == ("reader-1", "me")


def test_what_it_raises_is_raised_where_it_is_waited_for() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(Threads(1, "reader").run(lambda: 1 / 0))


def thread_name() -> str:
    return threading.current_thread().name


def test_no_more_threads_are_started_than_may_be_and_the_others_wait_in_order() -> None:
    begun, may_end, order = threading.Semaphore(0), threading.Event(), []

    def work(number: int) -> str:
        order.append(number)
        begun.release()
        may_end.wait(LIMIT)
        return thread_name()

    async def ask_all() -> list[str]:
        threads = Threads(2, "reader")
        all_of_them = asyncio.gather(*(threads.run(partial(work, number)) for number in range(6)))
        await asyncio.to_thread(lambda: [begun.acquire(timeout=LIMIT) for _ in range(2)])
        assert sorted(order) == [0, 1]
        may_end.set()
        return await all_of_them

    assert set(asyncio.run(ask_all())) == {"reader-1", "reader-2"}
    assert sorted(order) == list(range(6))


def test_one_after_the_other_needs_one_thread() -> None:
    async def ask() -> set[str]:
        threads = Threads(4, "reader")
        return {await threads.run(thread_name) for _ in range(5)}

    assert asyncio.run(ask()) == {"reader-1"}


def test_who_stops_waiting_disturbs_nobody() -> None:
    async def ask() -> int:
        threads, may_end = Threads(1, "reader"), threading.Event()
        first = asyncio.create_task(threads.run(lambda: may_end.wait(LIMIT)))
        await asyncio.sleep(0)
        first.cancel()
        may_end.set()
        return await threads.run(lambda: 7)

    assert asyncio.run(ask()) == 7
