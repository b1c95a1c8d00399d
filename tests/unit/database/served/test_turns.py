"""Connections are handed out in order, and never all to those who need one more."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from flowship.database.served.turns import NESTING, NoTurnError, Turns


def test_requests_that_need_three_connections_each_all_end() -> None:
    turns = Turns(4, wait=20)
    done = []

    def request() -> None:
        owners = [turns.take() for _ in range(NESTING)]
        time.sleep(0.001)
        for owner in owners:
            turns.put_back(owner)
        done.append(1)

    threads = [threading.Thread(target=request) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(done) == 40


def test_first_connections_leave_two_places_free() -> None:
    turns = Turns(5, wait=0.01)
    turns._used = 2
    assert _in_thread(turns) == "taken"
    assert _in_thread(turns) == "refused"


def test_who_holds_one_goes_before_who_holds_none() -> None:
    turns = Turns(3, wait=20)
    owner = turns.take()
    order: list[str] = []

    def come() -> None:
        turns.take()
        order.append("newcomer")

    newcomer = threading.Thread(target=come)
    newcomer.start()
    _until_waiting(turns, 1)
    assert turns.take() == turns.take() == owner
    order.append("holder")
    for _ in range(3):
        turns.put_back(owner)
    newcomer.join(20)
    assert order == ["holder", "newcomer"]


def test_those_who_wait_come_in_the_order_of_their_arrival() -> None:
    turns = Turns(3, wait=20)
    owner = turns.take()
    order: list[int] = []

    def request(number: int) -> None:
        taken = turns.take()
        order.append(number)
        turns.put_back(taken)

    threads = [threading.Thread(target=request, args=(number,)) for number in range(5)]
    for count, thread in enumerate(threads, 1):
        thread.start()
        _until_waiting(turns, count)
    turns.put_back(owner)
    for thread in threads:
        thread.join(20)
    assert order == [0, 1, 2, 3, 4]


def test_a_place_may_be_put_back_by_another_thread() -> None:
    turns = Turns(3, wait=0.01)
    owner = turns.take()
    thread = threading.Thread(target=turns.put_back, args=(owner,))
    thread.start()
    thread.join()
    assert _in_thread(turns) == "taken"


def test_who_waits_too_long_is_told_so_and_leaves_the_queue() -> None:
    turns = Turns(3, wait=0.01)
    owner = turns.take()
    assert _in_thread(turns) == "refused"
    turns.put_back(owner)
    assert _in_thread(turns) == "taken"


def test_the_event_loop_is_never_kept_waiting() -> None:
    turns = Turns(3, wait=20)
    threading.Thread(target=turns.take).start()

    async def take() -> int:
        return turns.take()

    assert asyncio.run(take()) == threading.get_ident()


def test_a_fourth_connection_inside_others_does_not_wait_for_itself() -> None:
    turns = Turns(3, wait=20)
    assert len({turns.take() for _ in range(5)}) == 1


def test_fewer_places_than_one_request_needs_are_raised_to_that() -> None:
    assert Turns(1).total == NESTING


def test_the_sentence_of_one_who_found_no_place() -> None:
    turns = Turns(3, wait=0.01)
    threading.Thread(target=turns.take).start()
    with pytest.raises(NoTurnError, match="all 3 connections of this process were in use for 0 s"):
        turns.take()


def _in_thread(turns: Turns) -> str:
    outcome = []

    def take() -> None:
        try:
            turns.take()
        except NoTurnError:
            outcome.append("refused")
        else:
            outcome.append("taken")

    # A thread that lives as long as the test: another would get its number.
    pool = ThreadPoolExecutor(1)
    pool.submit(take).result()
    _ALIVE.append(pool)
    return outcome[0]


_ALIVE: list[ThreadPoolExecutor] = []


def _until_waiting(turns: Turns, count: int) -> None:
    deadline = time.monotonic() + 20
    while sum(map(len, turns._queues)) < count:
        assert time.monotonic() < deadline
        time.sleep(0.001)
