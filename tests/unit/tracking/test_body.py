from __future__ import annotations

from typing import Any

import anyio

from flowship.tracking.body import LARGEST, Body


def body(*messages: dict[str, Any]) -> Body:
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    return Body(receive)


def part(data: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": data, "more_body": more}


def test_a_body_is_read_and_given_on_as_it_came() -> None:
    messages = [part(b"one", more=True), part(b"two", more=False), {"type": "http.disconnect"}]
    found = body(*messages)

    async def read_twice() -> list[Any]:
        return [await found.read(), *[await found.again() for _ in messages]]

    assert anyio.run(read_twice) == [b"onetwo", *messages]


def test_a_body_that_is_too_large_is_left_where_it_is() -> None:
    messages = [part(b"x" * LARGEST, more=True), part(b"x", more=True), part(b"y", more=False)]
    found = body(*messages)

    async def read_twice() -> list[Any]:
        return [await found.read(), *[await found.again() for _ in messages]]

    assert anyio.run(read_twice) == [None, *messages]


def test_a_client_that_is_gone_has_sent_no_body() -> None:
    found = body(part(b"one", more=True), {"type": "http.disconnect"})

    assert anyio.run(found.read) is None
