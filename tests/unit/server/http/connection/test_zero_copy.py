from __future__ import annotations

import asyncio
import os
import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme
import uvloop

from flowship.server.http.connection import zero_copy
from flowship.server.http.connection.zero_copy import EXTENSION
from tests.unit.server.http.connection.server import App as Greeting
from tests.unit.server.http.connection.server import body_of, connected

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from starlette.types import Receive, Scope, Send

GET = b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"
LARGE = 24 << 20
"""More than both ends of a connection hold."""

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}


@pytest.fixture(params=LOOPS)
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    def run(scenario: Coroutine[Any, Any, Any]) -> Any:
        with asyncio.Runner(loop_factory=LOOPS[request.param]) as runner:
            return runner.run(scenario)

    return run


@pytest.fixture(scope="module")
def content() -> bytes:
    return os.urandom(1 << 20) * (LARGE >> 20)


@pytest.fixture(scope="module")
def file(content: bytes) -> Iterator[int]:
    with tempfile.TemporaryFile() as kept:
        kept.write(content)
        kept.flush()
        yield kept.fileno()


class App:
    """Answers with a part of a file, and keeps what it was told."""

    def __init__(self, file: int, offset: int = 0, count: int = LARGE, promised: int | None = None) -> None:
        self._message = {"type": EXTENSION, "file": file, "offset": offset, "count": count}
        self._promised = str(count if promised is None else promised).encode()
        self.extensions: list[Any] = []
        self.ended = asyncio.Event()
        self.failed: BaseException | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.extensions.append(scope["extensions"])
        await body_of(receive)
        headers = [(b"content-length", self._promised)]
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send(self._message)
        except BaseException as error:
            self.failed = error
            raise
        finally:
            self.ended.set()


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.parametrize(("offset", "count"), [(0, LARGE), (12_345, LARGE - 23_456), (7, 1)])
def test_a_file_or_a_part_of_it_arrives_and_the_connection_is_kept(
    run: Callable[..., Any], file: int, content: bytes, offset: int, count: int
) -> None:
    async def scenario() -> list[bytes]:
        async with connected(app) as client:
            answers = []
            for _ in range(2):
                await client.send(GET)
                assert f"content-length: {count}" in await client.head()
                answers.append(await client._reader.readexactly(count))
            return answers

    app = App(file, offset, count)

    assert run(scenario()) == [content[offset : offset + count]] * 2
    assert app.extensions == [{EXTENSION: {}}] * 2


def test_a_client_that_reads_slowly_holds_no_thread_and_gets_everything(
    run: Callable[..., Any], file: int, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = []
    waited_for = zero_copy._writable

    async def writable(sink: int) -> None:
        waits.append(sink)
        await waited_for(sink)

    async def scenario() -> bytes:
        async with connected(App(file)) as client:
            await client.send(GET)
            await client.head()
            await client.until(lambda: waits)  # the client has read no more than its stream takes
            return await client._reader.readexactly(LARGE)

    monkeypatch.setattr(zero_copy, "_writable", writable)

    assert run(scenario()) == content
    assert waits


def test_a_client_that_goes_away_ends_it_without_an_error(
    run: Callable[..., Any], file: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with connected(app) as client:
            await client.send(GET)
            await client.head()
            client._writer.transport.abort()
            async with asyncio.timeout(10):
                await app.ended.wait()

    before = descriptors()
    app = App(file)
    run(scenario())

    assert app.failed is None
    assert caplog.records == []
    assert descriptors() == before


def test_a_file_that_became_shorter_closes_the_connection(run: Callable[..., Any], file: int, content: bytes) -> None:
    async def scenario() -> bytes:
        async with connected(app) as client, asyncio.timeout(10):
            await client.send(GET)
            await client.head()
            return await client._reader.read()

    app = App(file, LARGE - 10, 20)

    assert run(scenario()) == content[-10:]
    assert isinstance(app.failed, EOFError)


@pytest.mark.parametrize("promised", [9, 0])
def test_more_than_was_promised_is_not_sent(run: Callable[..., Any], file: int, promised: int) -> None:
    async def scenario() -> None:
        async with connected(app) as client:
            await client.send(GET)
            await client.head()
            async with asyncio.timeout(10):
                await app.ended.wait()

    app = App(file, 0, 10, promised)
    run(scenario())

    assert str(app.failed) == "a file is sent without a Content-Length that it fits into"


def test_an_encrypted_connection_does_not_offer_it(run: Callable[..., Any]) -> None:
    authority = trustme.CA()
    server, client = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)

    async def scenario() -> None:
        async with connected(app, (server, client)) as connection:
            await connection.send(GET)
            assert (await connection.head()).startswith("HTTP/1.1 200")

    app = Greeting()
    run(scenario())

    assert "extensions" not in app.scopes[0]
