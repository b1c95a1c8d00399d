from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING

from flowship.tracking.writer import ROWS, Writer
from flowship.tracking.writes import Point, Writes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WHO: ContextVar[str] = ContextVar("who", default="nobody")


class Database:
    """Holds its first transaction until it is told to go on, and writes to runs that begin with `r`."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.begun = threading.Event()
        self.go_on = threading.Event()

    def commit(self, group: Sequence[Writes]) -> list[bool]:
        self.groups.append([writes.run_id for writes in group])
        self.begun.set()
        assert self.go_on.wait(30)
        return [writes.run_id.startswith("r") for writes in group]


def write(database: Database, *requests: tuple[Writes, Callable[[], bool]]) -> list[bool]:
    """What each request is answered, of which the others come while the first one's transaction is going on."""

    async def send() -> list[bool]:
        writer = Writer(database.commit)
        first = asyncio.create_task(writer.write(*requests[0]))
        await asyncio.to_thread(database.begun.wait, 30)
        others = [asyncio.create_task(writer.write(*request)) for request in requests[1:]]
        await asyncio.sleep(0)
        database.go_on.set()
        return list(await asyncio.wait_for(asyncio.gather(first, *others), 30))

    return asyncio.run(send())


def test_what_comes_meanwhile_is_written_in_one_transaction() -> None:
    database = Database()

    assert write(database, *[(Writes(f"r{number}"), lambda: True) for number in range(5)]) == [True] * 5

    assert database.groups == [["r0"], ["r1", "r2", "r3", "r4"]]


def test_a_transaction_that_is_large_enough_takes_no_more() -> None:
    database = Database()
    large = Writes("r", points=(Point("loss", 0.0, 0, 0, False),) * ROWS)

    write(database, *[(large, lambda: True)] * 3)

    assert database.groups == [["r"]] * 3


def test_each_is_told_of_its_own_writes() -> None:
    database = Database()

    requests = [(Writes(run_id), lambda: True) for run_id in ("r", "gone", "r2")]
    assert write(database, *requests) == [True, False, True]


def test_who_may_not_write_is_not_written() -> None:
    database = Database()

    def fails() -> bool:
        raise ConnectionError

    deciding = [lambda: True, lambda: False, fails, lambda: True]
    assert write(database, *[(Writes(f"r{n}"), may) for n, may in enumerate(deciding)]) == [True, False, False, True]
    assert database.groups == [["r0"], ["r3"]]


def test_who_may_is_decided_as_the_sender() -> None:
    database = Database()
    database.go_on.set()

    async def send() -> bool:
        WHO.set("ada")
        return await Writer(database.commit).write(Writes("r"), lambda: WHO.get() == "ada")

    assert asyncio.run(send())


def test_a_failure_leaves_all_to_mlflow_and_the_next_is_written() -> None:
    fails = iter([True, False])

    def commit(group: Sequence[Writes]) -> list[bool]:
        if next(fails):
            raise ConnectionError
        return [True] * len(group)

    async def send() -> list[bool]:
        writer = Writer(commit)
        return [await writer.write(Writes("r"), lambda: True) for _ in range(2)]

    assert asyncio.run(send()) == [False, True]


def test_a_client_that_is_gone_stops_nobody() -> None:
    database = Database()

    async def send() -> bool:
        writer = Writer(database.commit)
        gone = asyncio.create_task(writer.write(Writes("r"), lambda: True))
        await asyncio.to_thread(database.begun.wait, 30)
        gone.cancel()
        database.go_on.set()
        return await asyncio.wait_for(writer.write(Writes("r2"), lambda: True), 30)

    assert asyncio.run(send())
