"""Answers that failed because of the database say when to come again; all others are left alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from flowship.database.served import busy
from flowship.server.http.limits.retry_after import RetryAfter

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send


def answer(status: int, *, noted: bool, path: str = "/api/2.0/mlflow/runs/create") -> tuple[int, dict[bytes, bytes]]:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if noted:
            await asyncio.to_thread(busy.note)  # where handlers run
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b""})

    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    asyncio.run(RetryAfter(app)({"type": "http", "path": path}, receive, send))
    return messages[0]["status"], dict(messages[0]["headers"])


@pytest.mark.parametrize("status", [500, 503])
def test_a_failure_of_the_database_is_503_with_retry_after(status: int) -> None:
    assert answer(status, noted=True) == (503, {b"content-type": b"text/plain", b"retry-after": b"2"})


def test_spans_that_were_not_kept_are_to_be_sent_again() -> None:
    assert answer(422, noted=True, path="/v1/traces")[0] == 503


@pytest.mark.parametrize(("status", "noted"), [(500, False), (503, False), (200, True), (404, True), (422, True)])
def test_every_other_answer_stays(status: int, noted: bool) -> None:
    assert answer(status, noted=noted) == (status, {b"content-type": b"text/plain"})


def test_requests_do_not_note_for_each_other() -> None:
    answer(503, noted=True)
    assert busy.CURRENT.get() is None
    assert answer(503, noted=False) == (503, {b"content-type": b"text/plain"})
