"""uvicorn's HTTP protocol with limits that hold before anything else sees a request.

Headers are counted while they arrive: what stands behind would join, copy and remember them first. A connection is in
one of four phases: a head is awaited (at first, and from the first byte of each further request), a body is received,
an answer is awaited, or it is idle, for which uvicorn has its own limit.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from flowship.server.http.connection import limits
from flowship.server.http.connection.limits import Refusal, Refused
from flowship.server.http.connection.zero_copy import EXTENSION, ZeroCopy
from flowship.server.reporting.seldom import Seldom

if TYPE_CHECKING:
    from asyncio.events import TimerHandle

_seldom = Seldom(logging.getLogger(__name__))

HELD_BYTES = limits.HEADER_BYTES + len("OPTIONS  HTTP/1.1\r\n")
"""Bytes besides the target that may be read while no head is complete and none of a body has come: the parser keeps
them."""


class Protocol(HttpToolsProtocol):
    """Reads the requests of one connection, within limits, and has them answered."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._due: float | None = None
        """When the head must be complete, or a refused client be gone; None while neither is waited for."""
        self._begun = False
        """Whether a byte of the awaited head is there."""
        self._in_body = False
        self._ended = False
        """Whether whatever else arrives is thrown away."""
        self._held = 0
        self._headers = 0
        self._header_bytes = 0
        self._heard = 0.0
        self._timer: TimerHandle | None = None

    # What the connection does

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._heard = self.loop.time()
        self._due = self._heard + limits.HEAD_SECONDS
        self._look_at(self._due)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return
        self._unset_keepalive_if_required()
        self._heard = self.loop.time()
        if self._due is None and not self._in_body:
            self._due = self._heard + limits.HEAD_SECONDS
        self._held += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # to what we do not speak; the parser takes no body of it
            self._end_with_this_request()
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause.refusal if isinstance(cause, Refused) else limits.NO_HTTP)
        else:
            if self._held - (len(self.url) if self._begun else 0) > HELD_BYTES:
                self._refuse(limits.TOO_LARGE_HEADERS)

    # What the parser finds

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begun = True
        self._headers = self._header_bytes = 0

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > limits.TARGET_BYTES:
            raise Refused(limits.TOO_LONG_TARGET)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_body:
            return  # a trailer: whoever has the headers decided by them already
        self._headers += 1
        self._header_bytes += len(name) + len(value) + limits.SEPARATORS
        if self._headers > limits.HEADERS:
            raise Refused(limits.TOO_MANY_HEADERS)
        if self._header_bytes > limits.HEADER_BYTES:
            raise Refused(limits.TOO_LARGE_HEADERS)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= limits.PIPELINED:
            raise Refused(limits.TOO_MANY_PIPELINED)
        self._due = None
        self._begun = False
        self._in_body = True
        self._held = 0
        super().on_headers_complete()
        if self.expect_100_continue:
            self._close_unless_continued()
        self.cycle.transport = cast("asyncio.Transport", Lingering(self))
        if self.scheme == "http":
            self.scope["extensions"] = {EXTENSION: {}}
            self.cycle.send = ZeroCopy(self.cycle, self.transport)  # type: ignore[method-assign]

    def on_body(self, body: bytes) -> None:
        self._held = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._held = 0
        self._in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._ended:
            return
        if self._in_body:
            self._due = self.loop.time() + limits.UNREAD_SECONDS
        elif not self._begun:
            self._due = None  # at most an empty line came since, which some clients send after a body

    def _close_unless_continued(self) -> None:
        """End the connection with an answer that comes before the body was asked for: nobody knows whether the client
        sends it all the same."""
        cycle = self.cycle
        keep_alive, receive = cycle.keep_alive, cycle.receive
        cycle.keep_alive = False

        async def receive_and_keep() -> Any:
            cycle.keep_alive = keep_alive
            return await receive()

        cycle.receive = receive_and_keep  # type: ignore[method-assign]

    def end(self) -> None:
        """Close the connection after an answer. While a body still comes, wait until the client goes or its time is
        over: a closed connection would take the answer with it."""
        if self._in_body and not self._ended:
            self._linger(limits.UNREAD_SECONDS)
        else:
            self.transport.close()

    # What is too much

    def waiting(self) -> tuple[bool, float] | None:
        """Tell whether this client was ever answered, and since when the server waits for a request of it; None while
        the server does not."""
        if self._due is not None and not self._in_body and not self._answers:
            return self.cycle is not None, self._due - limits.HEAD_SECONDS
        if self.timeout_keep_alive_task is not None:
            return True, self.timeout_keep_alive_task.when() - self.timeout_keep_alive
        return None

    @property
    def _answers(self) -> bool:
        """Whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def _refuse(self, refusal: Refusal) -> None:
        """Answer instead of the app, and read no further."""
        _seldom.warning(
            "a request of %s was refused: %s", self.client[0] if self.client else "a client", refusal.sentence
        )
        self._ended = True
        if self._answers:
            if self.pipeline or not self._in_body or self.cycle.response_started:
                self.transport.abort()  # the refusal would be taken for the answer to another request
                return
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write(_answer(refusal, self.server_state.default_headers))
        self._linger(limits.LINGER_SECONDS)

    def _linger(self, seconds: float) -> None:
        """Throw away what comes until the client goes or the time is over."""
        self._ended = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._due = self.loop.time() + seconds
        self._look_at(self._due)

    def _end_with_this_request(self) -> None:
        self._ended = True
        if self._answers:
            self.cycle.keep_alive = False
        else:
            self.transport.close()

    def _look_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_at(when, self._look)

    def _look(self) -> None:
        """Close a connection that has said nothing for too long; else look again when that may be."""
        now = self.loop.time()
        if self._due is not None:
            if self._due > now:
                self._look_at(self._due)
            elif self._answers and not self._ended:  # the beginning of another request must not end this one
                self._look_at(now + limits.HEAD_SECONDS)
            else:
                self._expire(limits.TOO_SLOW if self._begun and not self._ended else None)
        elif self._awaits_body():
            if self._heard + limits.BODY_SECONDS <= now:
                self._expire(limits.STALLED)
            else:
                self._look_at(self._heard + limits.BODY_SECONDS)
        else:
            self._heard = now
            self._look_at(now + limits.HEAD_SECONDS)

    def _awaits_body(self) -> bool:
        """Tell whether it is the client's turn: not when the app has not asked for more, or answers already."""
        cycle = self.cycle
        asked = self._in_body and not self.flow.read_paused and not cycle.waiting_for_100_continue
        return asked and not cycle.response_started

    def _expire(self, refusal: Refusal | None) -> None:
        if refusal is None:
            self.transport.abort()  # not closed, which would wait until the client has read all
        else:
            self._refuse(refusal)


class Lingering:
    """Stands for the transport where a request is answered: closing it waits for the rest of the request's body."""

    def __init__(self, protocol: Protocol) -> None:
        self.write = protocol.transport.write
        self.is_closing = protocol.transport.is_closing
        self.close = protocol.end


def _answer(refusal: Refusal, headers: list[tuple[bytes, bytes]]) -> bytes:
    body = refusal.sentence.encode()
    lines = [
        *headers,
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    head = b"".join(b"%b: %b\r\n" % line for line in lines)
    return b"%b%b\r\n%b" % (STATUS_LINE[refusal.status], head, body)
