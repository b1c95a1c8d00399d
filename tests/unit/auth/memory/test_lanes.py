from __future__ import annotations

import asyncio
import threading

import pytest

from flowship.auth.authenticator import Outcome, Wrong
from flowship.auth.memory.lanes import FullError, Lane


def test_it_works_off_what_comes_in_order_and_no_more_at_once_than_it_has_threads() -> None:
    running, most, order = 0, 0, list[int]()
    lock = threading.Lock()

    def work(number: int) -> Outcome:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            order.append(number)
        with lock:
            running -= 1
        return Wrong()

    async def crowd() -> None:
        lane = Lane("lane", 1)
        await asyncio.gather(*(lane.run(lambda number=number: work(number)) for number in range(50)))  # type: ignore[misc]

    asyncio.run(crowd())

    assert order == list(range(50))
    assert most == 1


def test_only_so_many_may_wait() -> None:
    go = threading.Event()

    def work() -> Outcome:
        assert go.wait(10)
        return Wrong()

    async def crowd() -> list[Outcome | BaseException]:
        lane = Lane("lane", 1, longest=2)
        tasks = [asyncio.create_task(lane.run(work)) for _ in range(4)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        go.set()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        return [*found, await lane.run(work)]

    found = asyncio.run(crowd())

    assert found[:3] == [Wrong()] * 3
    assert isinstance(found[3], FullError)
    assert found[4] == Wrong()


def test_what_goes_wrong_is_raised_and_gives_the_place_back() -> None:
    def fail() -> Outcome:
        raise OSError("gone")

    async def twice() -> None:
        lane = Lane("lane", 1, longest=0)
        for _ in range(2):
            with pytest.raises(OSError, match="gone"):
                await lane.run(fail)

    asyncio.run(twice())
