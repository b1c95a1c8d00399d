"""Connections are handed out in order, and never all to those who need one more."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from flowship.database.places import NESTING, NoPlaceError, Places


def test_requests_that_need_three_connections_each_all_end() -> None:
    places = Places(4, wait=20)
    done = []

    def request() -> None:
        owners = [places.take() for _ in range(NESTING)]
        time.sleep(0.001)
        for owner in owners:
            places.put_back(owner)
        done.append(1)

    threads = [threading.Thread(target=request) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(done) == 40


def test_first_connections_leave_two_places_free() -> None:
    places = Places(5, wait=0.01)
    places._used = 2
    assert _in_thread(places) == "taken"
    assert _in_thread(places) == "refused"


def test_who_holds_one_goes_before_who_holds_none() -> None:
    places = Places(3, wait=20)
    owner = places.take()
    order: list[str] = []

    def come() -> None:
        places.take()
        order.append("newcomer")

    newcomer = threading.Thread(target=come)
    newcomer.start()
    _until_waiting(places, 1)
    assert places.take() == places.take() == owner
    order.append("holder")
    for _ in range(3):
        places.put_back(owner)
    newcomer.join(20)
    assert order == ["holder", "newcomer"]


def test_those_who_wait_come_in_the_order_of_their_arrival() -> None:
    places = Places(3, wait=20)
    owner = places.take()
    order: list[int] = []

    def request(number: int) -> None:
        taken = places.take()
        order.append(number)
        places.put_back(taken)

    threads = [threading.Thread(target=request, args=(number,)) for number in range(5)]
    for count, thread in enumerate(threads, 1):
        thread.start()
        _until_waiting(places, count)
    places.put_back(owner)
    for thread in threads:
        thread.join(20)
    assert order == [0, 1, 2, 3, 4]


def test_a_place_may_be_put_back_by_another_thread() -> None:
    places = Places(3, wait=0.01)
    owner = places.take()
    thread = threading.Thread(target=places.put_back, args=(owner,))
    thread.start()
    thread.join()
    assert _in_thread(places) == "taken"


def test_who_waits_too_long_is_told_so_and_leaves_the_queue() -> None:
    places = Places(3, wait=0.01)
    owner = places.take()
    assert _in_thread(places) == "refused"
    places.put_back(owner)
    assert _in_thread(places) == "taken"


def test_the_event_loop_is_never_kept_waiting() -> None:
    places = Places(3, wait=20)
    threading.Thread(target=places.take).start()

    async def take() -> int:
        return places.take()

    assert asyncio.run(take()) == threading.get_ident()


def test_a_fourth_connection_inside_others_does_not_wait_for_itself() -> None:
    places = Places(3, wait=20)
    assert len({places.take() for _ in range(5)}) == 1


def test_fewer_places_than_one_request_needs_are_raised_to_that() -> None:
    assert Places(1).total == NESTING


def test_the_sentence_of_one_who_found_no_place() -> None:
    places = Places(3, wait=0.01)
    threading.Thread(target=places.take).start()
    with pytest.raises(NoPlaceError, match="all 3 connections of this process were in use for 0 s"):
        places.take()


def _in_thread(places: Places) -> str:
    outcome = []

    def take() -> None:
        try:
            places.take()
        except NoPlaceError:
            outcome.append("refused")
        else:
            outcome.append("taken")

    # A thread that lives as long as the test: another would get its number.
    pool = ThreadPoolExecutor(1)
    pool.submit(take).result()
    _ALIVE.append(pool)
    return outcome[0]


_ALIVE: list[ThreadPoolExecutor] = []


def _until_waiting(places: Places, count: int) -> None:
    deadline = time.monotonic() + 20
    while sum(map(len, places._queues)) < count:
        assert time.monotonic() < deadline
        time.sleep(0.001)
