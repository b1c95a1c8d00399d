"""A raw client for HTTP/1.1: what it sends is bytes made beforehand, it never repeats a request, and it spends little
processor time, which the measured server on the same machine needs."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.users import Sender

HOST = "127.0.0.1"
ANSWER_LIMIT = 60.0
"""Seconds after which there is no answer."""


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    status: int
    body: bytes
    closing: bool
    """Whether the server said that it closes the connection, so that the next request needs another."""


class NoAnswer(Exception):  # noqa: N818 - an outcome that is counted
    """The connection ended before the answer was whole; the message says how."""


def request(
    method: str, path: str, content: Mapping[str, Any] | None = None, user: Sender | None = None, *, close: bool = False
) -> bytes:
    """The bytes of a request, on a connection that is kept unless `close`."""
    body = None if content is None else json.dumps(content).encode()
    return _sent(f"{method} {path}", "application/json", body, user, {"Connection": "close"} if close else {})


def protobuf_request(path: str, body: bytes, headers: Mapping[str, str], user: Sender | None = None) -> bytes:
    """The bytes of a request to OpenTelemetry's protocol."""
    return _sent(f"POST {path}", "application/x-protobuf", body, user, headers)


def _sent(what: str, kind: str, body: bytes | None, user: Sender | None, more: Mapping[str, str]) -> bytes:
    headers = {
        "Host": HOST,
        **({"Content-Type": kind, "Content-Length": str(len(body))} if body is not None else {}),
        **(user.headers if user else {}),
        **more,
    }
    lines = (f"{name}: {value}" for name, value in headers.items())
    return "\r\n".join([f"{what} HTTP/1.1", *lines, "", ""]).encode() + (body or b"")


def first_line(sent: bytes) -> str:
    """What a request asks for, without its credentials."""
    return sent.partition(b"\r\n")[0].decode("latin-1")


class Connection:
    """A connection to a server on this machine, for one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> Self:
        try:
            return cls(*await asyncio.open_connection(HOST, port, limit=2**20))
        except OSError as error:
            raise NoAnswer(f"no connection: {type(error).__name__}") from error

    @property
    def port(self) -> int:
        """The port at this end."""
        return int(self._writer.get_extra_info("sockname")[1])

    async def exchange(self, sent: bytes) -> Answer:
        """Send a request, and wait for its answer.

        Raises:
            NoAnswer: the server ended the connection instead, or did nothing for `ANSWER_LIMIT`.
        """
        try:
            async with asyncio.timeout(ANSWER_LIMIT):
                self._writer.write(sent)
                status, headers = parse_head(await self._reader.readuntil(b"\r\n\r\n"))
                body = await self._body(headers)
        except TimeoutError as error:
            raise NoAnswer(f"no answer in {ANSWER_LIMIT:.0f} s") from error
        except (OSError, EOFError) as error:  # a connection that ended early is asyncio's EOFError
            raise NoAnswer(f"no answer: {type(error).__name__}") from error
        return Answer(status, body, headers.get(b"connection", b"").lower() == b"close")

    async def _body(self, headers: Mapping[bytes, bytes]) -> bytes:
        if headers.get(b"transfer-encoding", b"").lower() != b"chunked":
            return await self._reader.readexactly(int(headers.get(b"content-length", b"0")))
        parts = []
        while size := int((await self._reader.readuntil(b"\r\n")).split(b";")[0], 16):
            parts.append(await self._reader.readexactly(size))
            await self._reader.readexactly(2)
        await self._reader.readuntil(b"\r\n")
        return b"".join(parts)

    def close(self) -> None:
        self._writer.close()


def parse_head(head: bytes) -> tuple[int, dict[bytes, bytes]]:
    """The status and the headers, names in lower case."""
    first, *lines = head.rstrip(b"\r\n").split(b"\r\n")
    fields = (line.partition(b":") for line in lines)
    return int(first.split(b" ", 2)[1]), {name.strip().lower(): value.strip() for name, _, value in fields}
