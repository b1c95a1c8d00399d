"""Files on their way between clients and stores: MLflow decides who may have what, and the bytes go past it.

A request for a file goes through MLflow as every other, which leaves an order instead of an answer. Then the bytes go
between the store and the client a piece at a time: a slow client slows the store down, one that is gone ends it.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import anyio

from flowship.artifacts.streaming.opening import store_of
from flowship.artifacts.streaming.store import CHUNK, MissingError, Span
from flowship.mlflow_seams.artifacts import transfers as seam
from flowship.server.http.connection.file_threads import FileThreads
from flowship.server.http.connection.zero_copy import EXTENSION
from flowship.server.http.files import conditions
from flowship.server.http.files.conditions import Answer, Wishes
from flowship.server.reporting.metrics import count_artifact

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from flowship.artifacts.streaming.store import Facts, Reader, Writer
    from flowship.mlflow_seams.artifacts.transfers import File, Order

_logger = logging.getLogger(__name__)

BLOCK = 1 << 20
"""Bytes of an upload that are collected before they are handed to a thread."""

SENDING = "artifact"
"""What the path of each route that sends a file has in it."""

KEEPING = "/mlflow-artifacts/artifacts/"
"""What the path of the one that keeps a file has in it."""

REPLACED = {b"content-length", b"content-type", b"transfer-encoding"}
"""Headers of MLflow's answer that are not about the file."""


class Gone(Exception):  # noqa: N818 - an outcome
    """The client has closed its connection."""


@dataclass(frozen=True)
class Sending:
    """Holds a file that is about to be sent."""

    facts: Facts
    answer: Answer
    reader: Reader | None = None
    """None when nothing is left to read."""
    beginning: bytes = b""
    """What was read of it already."""


class Transfers:
    """An ASGI app that moves the files which another one, MLflow's, lets a request have.

    `keeps` says whether uploads to the store behind the server are moved too: then MLflow answers them before any of
    the body has come. `decided` is told the scope in which MLflow has decided on a file.
    """

    def __init__(self, app: ASGIApp, *, keeps: bool, decided: Callable[[Scope], None]) -> None:
        self._app = app
        self._keeps = keeps
        self._decided = decided
        self._threads = FileThreads()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _concerned(scope):
            await self._app(scope, receive, send)
            return
        # MLflow's rights know GET, and not HEAD, which its handlers would answer as well.
        asked = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        withheld = _Withheld() if self._keeps and scope["method"] == "PUT" else receive
        with seam.taking_orders() as order:
            held = _Held(send, order)
            try:
                await self._app(asked, withheld, held)
            finally:
                self._decided(asked)
        if order.sends:
            await self._send(order.sends, scope, receive, held)
        elif order.keeps:
            await self._keep(order.keeps, scope, receive, held)

    async def _send(self, file: File, scope: Scope, receive: Receive, held: _Held) -> None:
        kernel_sends = EXTENSION in (scope.get("extensions") or {})
        try:
            sending = await self._threads.run(partial(_opened, file, scope, kernel_sends=kernel_sends))
        except Exception as error:  # whatever a store's client raises
            await held.replace(*await self._threads.run(partial(_told, error, file, "read")))
            return
        reader = sending.reader
        try:
            headers = [*seam.attachment_headers(file.path), *conditions.headers(sending.facts, sending.answer)]
            await held.begin(sending.answer.status, headers)
            if reader is None:
                await held.send({"type": "http.response.body", "body": sending.beginning})
                count_artifact("sent", len(sending.beginning))
            else:
                await _unless_gone(receive, self._body(sending, reader, held.send))
        except Gone:
            return
        finally:
            if reader:
                await self._threads.finish(reader.close)

    async def _body(self, sending: Sending, reader: Reader, send: Send) -> None:
        span = sending.answer.span
        if not sending.beginning:
            what = {"file": reader.descriptor, "offset": span.start, "count": span.length}
            await send({"type": EXTENSION, **what})
            count_artifact("sent", span.length)
            return
        data, left = sending.beginning, span.length
        while data:
            left -= len(data)
            await send({"type": "http.response.body", "body": data, "more_body": left > 0})
            count_artifact("sent", len(data))
            data = await self._threads.run(reader.read) if left > 0 else b""
        if left > 0:
            raise EOFError(f"the artifact store gave {left} bytes less than it had said")

    async def _keep(self, file: File, scope: Scope, receive: Receive, held: _Held) -> None:
        size = _content_length(scope)
        writer = None
        try:
            writer = await self._threads.run(partial(store_of(file.repository).write, file.path, size))
            await self._collect(receive, writer, size)
            await self._threads.run(writer.finish)
        except BaseException as error:
            if writer:
                await self._threads.finish(partial(_aborted, writer))
            if isinstance(error, Gone):
                return
            if not isinstance(error, Exception):
                raise
            await held.replace(*await self._threads.run(partial(_told, error, file, "keep")))
            return
        await held.release()

    async def _collect(self, receive: Receive, writer: Writer, size: int | None) -> None:
        """Hand the body to the writer in blocks, the next of which is received meanwhile."""
        came, held = 0, bytearray()
        writing: asyncio.Task[None] | None = None
        try:
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Gone
                more = message.get("more_body", False)
                held += message.get("body", b"")
                if len(held) >= BLOCK or (held and not more):
                    came += len(held)
                    count_artifact("received", len(held))
                    if writing:
                        await writing
                    writing = asyncio.create_task(self._threads.run(partial(writer.write, bytes(held))))
                    held.clear()
        finally:
            if writing:
                await asyncio.shield(writing)
        if size is not None and came != size:
            raise Gone


class _Held:
    """Holds back what MLflow sends as soon as there is an order."""

    def __init__(self, send: Send, order: Order) -> None:
        self.send = send
        self._order = order
        self._messages: list[Message] = []

    async def __call__(self, message: Message) -> None:
        if self._order.sends or self._order.keeps:
            self._messages.append(message)
        else:
            await self.send(message)

    async def release(self) -> None:
        """Send what was held back, as it is."""
        for message in self._messages:
            await self.send(message)

    async def begin(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Begin another answer, with those headers that MLflow puts on each."""
        kept = self._messages[0].get("headers", []) if self._messages else []
        given = {name for name, _ in headers} | REPLACED
        kept = [(name, value) for name, value in kept if name.lower() not in given]
        await self.send({"type": "http.response.start", "status": status, "headers": [*kept, *headers]})

    async def replace(self, status: int, body: bytes) -> None:
        """Send an answer of JSON."""
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self.begin(status, headers)
        await self.send({"type": "http.response.body", "body": body})


class _Withheld:
    """Gives MLflow an empty body where the body of a request is not for it."""

    def __init__(self) -> None:
        self._asked = False

    async def __call__(self) -> Message:
        if self._asked:
            await anyio.sleep_forever()
        self._asked = True
        return {"type": "http.request", "body": b"", "more_body": False}


def _concerned(scope: Scope) -> bool:
    if scope["type"] != "http":
        return False
    if scope["method"] == "PUT":
        return KEEPING in scope["path"]
    return scope["method"] in ("GET", "HEAD") and SENDING in scope["path"]


def _content_length(scope: Scope) -> int | None:
    said = [value for name, value in scope["headers"] if name.lower() == b"content-length"]
    return int(said[0]) if said else None


def _opened(file: File, scope: Scope, *, kernel_sends: bool) -> Sending:
    """Open a file as the request wants it, and read the first bytes, unless the kernel will send them.

    A file that was read whole is closed again, so that it costs one turn in a thread.

    Raises:
        MissingError: it is not there.
        Exception: whatever the store's client raises.
    """
    store = store_of(file.repository)
    with_body = scope["method"] == "GET"
    wishes = Wishes(scope["headers"], ranges=with_body)
    if with_body and not wishes.any:
        reader = store.read(file.path)
        answer = Answer(HTTPStatus.OK, Span(0, reader.facts.size))
    else:
        facts = store.look(file.path)
        answer = wishes.answer(facts)
        if not with_body or not answer.has_body:
            return Sending(facts, answer)
        reader = store.read(file.path, facts, answer.span)
    return _begun(reader, answer, kernel_sends=kernel_sends)


def _begun(reader: Reader, answer: Answer, *, kernel_sends: bool) -> Sending:
    length = answer.span.length
    if kernel_sends and reader.descriptor is not None and length > CHUNK:
        return Sending(reader.facts, answer, reader)
    try:
        beginning = reader.read() if length else b""
        if length and not beginning:
            raise EOFError("the artifact store gave nothing of what it had said was there")
    except BaseException:
        reader.close()
        raise
    if len(beginning) < length:
        return Sending(reader.facts, answer, reader, beginning)
    reader.close()
    return Sending(reader.facts, answer, None, beginning)


def _told(error: Exception, file: File, doing: str) -> tuple[int, bytes]:
    """Return status and body for an error, as MLflow would answer it."""
    if isinstance(error, MissingError):
        return _of_missing(file, doing)
    if seam.is_mlflow_error(error):
        return seam.answered(error)
    _logger.error("the artifact store could not %s %r", doing, file.path, exc_info=error)
    return seam.failure(
        f"The artifact store could not {doing} '{file.path}': {type(error).__name__}. The server's log says more.",
        "INTERNAL_ERROR",
    )


def _of_missing(file: File, doing: str) -> tuple[int, bytes]:
    """Give status and body for a file that is not there; of some paths MLflow says that they are none only when it
    lists them."""
    try:
        is_directory = any(file.repository.list_artifacts(file.path))
    except MissingError:
        is_directory = False
    except Exception as error:
        return _told(error, file, doing)
    if is_directory:
        return seam.failure(
            f"Artifact path refers to a directory, not a file: '{file.path}'", "INVALID_PARAMETER_VALUE"
        )
    return seam.failure(f"No such artifact: '{file.path}'", "RESOURCE_DOES_NOT_EXIST")


def _aborted(writer: Writer) -> None:
    try:
        writer.abort()
    except Exception:  # the first failure is the one to tell
        _logger.warning("an upload that was given up could not be removed from the artifact store", exc_info=True)


async def _unless_gone(receive: Receive, work: Awaitable[None]) -> None:
    """Do the work while the client is there. Raises Gone."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    working, watching = asyncio.ensure_future(work), asyncio.ensure_future(gone())
    try:
        await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Gone
        working.result()
    finally:
        for task in (working, watching):
            task.cancel()
        await asyncio.wait((working, watching))
