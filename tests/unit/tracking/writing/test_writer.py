from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from flowship.tracking.writing.writer import ROWS, Writer
from flowship.tracking.writing.writes import Point, Writes

if TYPE_CHECKING:
    from collections.abc import Sequence


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


def write(database: Database, *requests: Writes) -> list[bool]:
    """What each request is answered, of which the others come while the first one's transaction is going on."""

    async def send() -> list[bool]:
        writer = Writer(database.commit)
        first = asyncio.create_task(writer.write(requests[0]))
        await asyncio.to_thread(database.begun.wait, 30)
        others = [asyncio.create_task(writer.write(request)) for request in requests[1:]]
        await asyncio.sleep(0)
        database.go_on.set()
        return list(await asyncio.wait_for(asyncio.gather(first, *others), 30))

    return asyncio.run(send())


def test_what_comes_meanwhile_is_written_in_one_transaction() -> None:
    database = Database()

    assert write(database, *[Writes(f"r{number}") for number in range(5)]) == [True] * 5

    assert database.groups == [["r0"], ["r1", "r2", "r3", "r4"]]


def test_a_transaction_that_is_large_enough_takes_no_more() -> None:
    database = Database()
    large = Writes("r", points=(Point("loss", 0.0, 0, 0, False),) * ROWS)

    write(database, *[large] * 3)

    assert database.groups == [["r"]] * 3


def test_each_is_told_of_its_own_writes() -> None:
    database = Database()

    assert write(database, *[Writes(run_id) for run_id in ("r", "gone", "r2")]) == [True, False, True]


def test_a_failure_leaves_all_to_mlflow_and_the_next_is_written() -> None:
    fails = iter([True, False])

    def commit(group: Sequence[Writes]) -> list[bool]:
        if next(fails):
            raise ConnectionError
        return [True] * len(group)

    async def send() -> list[bool]:
        writer = Writer(commit)
        return [await writer.write(Writes("r")) for _ in range(2)]

    assert asyncio.run(send()) == [False, True]


def test_a_client_that_is_gone_stops_nobody() -> None:
    database = Database()

    async def send() -> bool:
        writer = Writer(database.commit)
        gone = asyncio.create_task(writer.write(Writes("r")))
        await asyncio.to_thread(database.begun.wait, 30)
        gone.cancel()
        database.go_on.set()
        return await asyncio.wait_for(writer.write(Writes("r2")), 30)

    assert asyncio.run(send())
