"""The proxy before two servers does what a Kubernetes Service does: new connections go to those that are ready."""

from __future__ import annotations

import asyncio
from collections import Counter

from benchmarks.balancer import Balancer, balanced
from benchmarks.http1 import Connection, request
from tests.integration.benchmarks.answering import OK, UNAVAILABLE, answering

ASK = request("GET", "/work")


async def once(port: int) -> None:
    connection = await Connection.open(port)
    await connection.exchange(ASK)
    connection.close()


async def became(balancer: Balancer, count: int) -> None:
    while len(balancer.ready) != count:
        await asyncio.sleep(0.01)


def test_connections_follow_readiness_and_existing_ones_stay() -> None:
    worked: Counter[str] = Counter()
    ready = {"first": True, "second": True}

    def answer(name: str, path: str) -> bytes:
        if path == "/ready":
            return OK if ready[name] else UNAVAILABLE
        worked[name] += 1
        return OK

    async def run() -> None:
        async with (
            answering(lambda path: answer("first", path)) as first,
            answering(lambda path: answer("second", path)) as second,
            balanced([first, second], "/ready") as balancer,
        ):
            for _ in range(10):
                await once(balancer.port)
            assert worked == {"first": 5, "second": 5}

            kept = [await Connection.open(balancer.port) for _ in range(2)]
            for connection in kept:
                await connection.exchange(ASK)
            ready["first"] = False
            await became(balancer, 1)
            worked.clear()
            for _ in range(10):
                await once(balancer.port)
            assert worked == {"second": 10}

            for connection in kept:
                await connection.exchange(ASK)
                connection.close()
            assert worked == {"first": 1, "second": 11}

            ready["first"] = True
            await became(balancer, 2)

    asyncio.run(asyncio.wait_for(run(), 30))


def test_a_server_that_no_longer_listens_is_not_ready() -> None:
    async def run() -> None:
        async with answering(lambda path: OK) as stays:
            async with answering(lambda path: OK) as leaves, balanced([stays, leaves], "/ready") as balancer:
                assert balancer.ready == {stays, leaves}
            async with balanced([stays, leaves], "/ready") as balancer:
                await became(balancer, 1)
                assert balancer.ready == {stays}

    asyncio.run(asyncio.wait_for(run(), 30))
