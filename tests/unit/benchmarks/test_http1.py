"""The raw client sends exactly what it is told, and reads answers as servers write them."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.http1 import HOST, Answer, Connection, NoAnswer, first_line, parse_head, protobuf_request, request
from benchmarks.users import User


def test_a_request_is_kept_alive_unless_it_says_otherwise() -> None:
    assert request("GET", "/health") == b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    assert b"\r\nConnection: close\r\n" in request("GET", "/health", close=True)


def test_a_request_carries_its_content_and_its_user() -> None:
    sent = request("POST", "/api", {"a": 1}, User("me", "pass:word"))

    assert sent.endswith(b'\r\nContent-Length: 8\r\nAuthorization: Basic bWU6cGFzczp3b3Jk\r\n\r\n{"a": 1}')


def test_a_request_of_opentelemetry_carries_its_bytes_and_headers() -> None:
    assert protobuf_request("/v1/traces", b"\0\xff", {"x-experiment": "1"}) == (
        b"POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-protobuf\r\nContent-Length: 2\r\n"
        b"x-experiment: 1\r\n\r\n\0\xff"
    )


def test_what_is_told_of_a_request_holds_no_credentials() -> None:
    assert first_line(request("POST", "/api", {}, User("me", "secret"))) == "POST /api HTTP/1.1"


def test_the_names_of_headers_are_read_whatever_their_case() -> None:
    assert parse_head(b"HTTP/1.1 404 Not Found\r\nContent-LENGTH: 5\r\nX: a: b\r\n\r\n") == (
        404,
        {b"content-length": b"5", b"x": b"a: b"},
    )


def answered(*pieces: bytes) -> Answer:
    """What the client makes of these bytes, after which the server closes the connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        writer.close()

    async def ask() -> Answer:
        server = await asyncio.start_server(serve, HOST, 0)
        async with server:
            connection = await Connection.open(server.sockets[0].getsockname()[1])
            try:
                return await connection.exchange(request("GET", "/"))
            finally:
                connection.close()

    return asyncio.run(ask())


def test_an_answer_ends_with_its_length() -> None:
    assert answered(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel", b"lo") == Answer(200, b"hello", closing=False)


def test_an_answer_in_chunks_is_put_together() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: Close\r\n\r\n"

    assert answered(head, b"3\r\nhel\r\n", b"2;x=y\r\nlo\r\n", b"0\r\n\r\n") == Answer(200, b"hello", closing=True)


@pytest.mark.parametrize("piece", [b"", b"HTTP/1.1 200 OK\r\ncont", b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe"])
def test_a_connection_that_ends_early_is_no_answer(piece: bytes) -> None:
    with pytest.raises(NoAnswer, match="no answer: IncompleteReadError"):
        answered(piece)
