from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest

from flowship.server.processes import accepting
from flowship.server.processes.accepting import Acceptor


class Echo(asyncio.Protocol):
    """Answers what it gets, and keeps its connections in a list."""

    def __init__(self, opened: list[asyncio.BaseTransport]) -> None:
        self._opened = opened

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._opened.append(transport)

    def data_received(self, data: bytes) -> None:
        transport = self._opened[-1]
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(data)


def listening() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def worker(
    listener: socket.socket, others_have_fewer: Callable[[], bool]
) -> tuple[Acceptor, list[asyncio.BaseTransport]]:
    opened: list[asyncio.BaseTransport] = []
    return Acceptor(listener, lambda: Echo(opened), None, others_have_fewer), opened


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not reached():
            await asyncio.sleep(0.001)


def test_a_connection_is_answered() -> None:
    async def scenario() -> bytes:
        listener = listening()
        acceptor, _ = worker(listener, lambda: False)
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        writer.write(b"hello")
        answer = await reader.readexactly(5)
        writer.close()
        acceptor.close()
        return answer

    assert asyncio.run(scenario()) == b"hello"


def test_of_two_workers_on_one_socket_each_takes_half_of_the_connections() -> None:
    async def scenario() -> tuple[int, int]:
        listener = listening()
        address = listener.getsockname()
        counts: dict[str, list[asyncio.BaseTransport]] = {}

        def more(own: str, other: str) -> Callable[[], bool]:
            return lambda: len(counts[own]) > len(counts[other])

        first, counts["first"] = worker(listener, more("first", "second"))
        second, counts["second"] = worker(listener.dup(), more("second", "first"))
        clients = []
        for number in range(1, 9):
            clients.append(await asyncio.open_connection(*address))
            await until(lambda number=number: sum(map(len, counts.values())) == number)  # type: ignore[misc]
        for _, writer in clients:
            writer.close()
        first.close()
        second.close()
        return len(counts["first"]), len(counts["second"])

    assert asyncio.run(scenario()) == (4, 4)


def test_a_worker_that_has_more_takes_what_no_other_does() -> None:
    async def scenario() -> int:
        listener = listening()
        acceptor, opened = worker(listener, lambda: True)
        _, writer = await asyncio.open_connection(*listener.getsockname())
        await until(lambda: len(opened) == 1)
        writer.close()
        acceptor.close()
        return len(opened)

    assert asyncio.run(scenario()) == 1


def test_a_closed_acceptor_takes_nothing_frees_the_port_and_has_nothing_to_say(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scenario() -> socket.socket:
        listener = listening()
        address = listener.getsockname()
        acceptor, _ = worker(listener, lambda: False)
        await asyncio.sleep(0)
        acceptor.close()
        freed = socket.create_server(address)
        await asyncio.sleep(0.01)
        return freed

    asyncio.run(scenario()).close()
    assert caplog.records == []


def test_an_error_while_taking_a_connection_is_tried_again() -> None:
    class Exhausted(socket.socket):
        failures = 1

        def accept(self) -> tuple[socket.socket, object]:
            if self.failures:
                self.failures -= 1
                raise OSError(24, "Too many open files")
            return super().accept()

    async def scenario() -> int:
        plain = listening()
        listener = Exhausted(fileno=plain.detach())
        acceptor, opened = worker(listener, lambda: False)
        _, writer = await asyncio.open_connection(*listener.getsockname())
        await until(lambda: len(opened) == 1)
        writer.close()
        acceptor.close()
        return len(opened)

    assert accepting.PAUSE < 5
    assert asyncio.run(scenario()) == 1


def test_while_there_is_no_room_connections_wait_and_the_server_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> tuple[int, int, list[bool]]:
        listener = listening()
        opened: list[asyncio.BaseTransport] = []
        room, told = asyncio.Event(), list[bool]()
        acceptor = Acceptor(listener, lambda: Echo(opened), None, lambda: False, room.is_set, told.append)
        _, writer = await asyncio.open_connection(*listener.getsockname())
        await until(lambda: told == [True])
        before = len(opened)
        room.set()
        await until(lambda: told == [True, False])
        await until(lambda: len(opened) == 1)
        writer.close()
        acceptor.close()
        return before, len(opened), told

    assert asyncio.run(scenario()) == (0, 1, [True, False])
    assert caplog.messages == ["there are as many connections as the limit of file descriptors allows"]


def test_that_connections_can_be_taken_again_is_found_out_even_when_nobody_comes(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(accepting, "PAUSE", 0.01)

    class Exhausted(socket.socket):
        failing = True

        def accept(self) -> tuple[socket.socket, object]:
            if self.failing:
                raise OSError(24, "Too many open files")
            return super().accept()

    async def scenario() -> list[bool]:
        listener = Exhausted(fileno=listening().detach())
        told = list[bool]()
        acceptor = Acceptor(listener, lambda: Echo([]), None, lambda: False, tell_full=told.append)
        _, writer = await asyncio.open_connection(*listener.getsockname())
        await until(lambda: told == [True])
        writer.close()
        socket.socket.accept(listener)[0].close()  # another worker takes it
        await asyncio.sleep(0.05)
        listener.failing = False
        await until(lambda: told == [True, False])
        acceptor.close()
        return told

    assert asyncio.run(scenario()) == [True, False]
    assert len(caplog.records) == 1
