from __future__ import annotations

import asyncio
import logging
import re

import pytest

from flowship.server.http.connection import limits
from tests.unit.server.http.connection.server import App, connected

GET = b"GET /a HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(autouse=True)
def _all_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowship.server.reporting.seldom.EVERY", 0)


def answer_to(request: bytes, app: App | None = None) -> str:
    """All that the server sends until it closes the connection."""

    async def scenario() -> str:
        async with connected(app or App()) as client:
            await client.send(request)
            return await client.rest()

    return asyncio.run(scenario())


def refused(request: bytes) -> tuple[int, str]:
    """The answer to a request that the app must not see."""
    app = App()
    answer = answer_to(request, app)
    assert app.scopes == []
    assert "connection: close" in answer
    head, _, body = answer.partition("\r\n\r\n")
    return int(head.split()[1]), body


def test_a_request_within_the_limits_is_answered_and_the_connection_kept() -> None:
    async def scenario() -> list[str]:
        async with connected(app) as client:
            answers = []
            for _ in range(2):
                headers = b"".join(b"X-%d: %s\r\n" % (header, b"a" * 300) for header in range(limits.HEADERS - 1))
                await client.send(GET.replace(b"/a", b"/" + b"a" * 15_000) + headers + b"\r\n")
                answers.append(await client.head() + (await client._reader.readexactly(5)).decode())
            return answers

    app = App()
    answers = asyncio.run(scenario())

    assert all(answer.startswith("HTTP/1.1 200") and "connection: close" not in answer for answer in answers)
    assert [len(scope["headers"]) for scope in app.scopes] == [limits.HEADERS] * 2


def test_too_many_headers_are_refused() -> None:
    many = b"".join(b"X-%d: a\r\n" % number for number in range(limits.HEADERS))

    assert refused(GET + many + b"\r\n") == (431, "The request has more than 200 headers. Send fewer.")


@pytest.mark.parametrize(
    "headers",
    [
        (b"X: " + b"a" * 1000 + b"\r\n") * 66,
        b"X: " + b"a" * 70_000 + b"\r\n",
        b"X: " + b"a" * 300_000,
        b"X" * 300_000,
    ],
    ids=["many", "one", "one without end", "a name without end"],
)
def test_too_large_headers_are_refused_while_they_arrive(headers: bytes) -> None:
    status, sentence = refused(GET + headers)

    assert status == 431
    assert sentence == (
        "The headers of the request are larger than 64 KiB. Send smaller ones; in a browser, cookies for this host may "
        "be the cause."
    )


@pytest.mark.parametrize("path", [b"/" + b"a" * 16_384 + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"/?" + b"a" * 300_000])
def test_a_too_long_target_is_refused(path: bytes) -> None:
    expected = "The path of the request with its query is longer than 16 KiB. Send a shorter one."

    assert refused(b"GET " + path) == (414, expected)


def test_what_is_no_http_is_refused() -> None:
    assert refused(b"\x16\x03\x01hello\r\n\r\n") == (400, "Invalid HTTP request received.")


def test_a_client_that_still_sends_gets_the_refusal_and_nothing_of_it_is_kept() -> None:
    async def scenario() -> str:
        async with connected(App()) as client:
            await client.send(GET + b"X: " + b"a" * 5_000_000 + b"\r\n\r\n")
            return await client.head()

    assert asyncio.run(scenario()).startswith("HTTP/1.1 431 ")


def test_a_refusal_names_the_peer_and_the_cause_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    refused(b"GET /" + b"a" * 20_000)

    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (
            logging.WARNING,
            "a request of 127.0.0.1 was refused: The path of the request with its query is longer than 16 KiB. Send a "
            "shorter one.",
        )
    ]


def test_trailers_are_no_headers() -> None:
    app = App()
    request = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"

    answer_to(request + b"2\r\nhi\r\n0\r\nAuthorization: Basic YTpi\r\n\r\n", app)

    assert app.bodies == [b"hi"]
    assert b"authorization" not in dict(app.scopes[0]["headers"])


def test_trailers_without_end_are_refused() -> None:
    request = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n"

    assert answer_to(request + (b"X: " + b"a" * 1000 + b"\r\n") * 800).startswith("HTTP/1.1 431 ")


def test_a_long_body_in_many_chunks_is_no_head() -> None:
    app = App()
    request = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"

    answer = answer_to(request + b"8\r\nabcdefgh\r\n" * 50_000 + b"0\r\n\r\n", app)

    assert answer.startswith("HTTP/1.1 200 ")
    assert len(app.bodies[0]) == 400_000


def test_requests_behind_one_that_is_answered_wait_in_order_but_not_without_end() -> None:
    async def scenario(number: int) -> str:
        app = App()
        async with connected(app) as client:
            app.may_answer.clear()
            await client.send((GET + b"\r\n") * number + GET + b"Connection: close\r\n\r\n")
            await app.answering.wait()
            app.may_answer.set()
            return await client.rest()

    assert asyncio.run(scenario(limits.PIPELINED)).count("HTTP/1.1 200 ") == limits.PIPELINED + 1
    assert asyncio.run(scenario(20_000)).count("HTTP/1.1 ") <= 1


def test_a_refusal_is_not_taken_for_the_answer_to_the_request_before() -> None:
    async def scenario() -> str:
        app = App()
        async with connected(app) as client:
            app.may_answer.clear()
            await client.send(GET + b"\r\n")
            await app.answering.wait()
            await client.send(GET + b"X: " + b"a" * 70_000)
            return await client.rest()

    assert asyncio.run(scenario()) == ""


def test_what_follows_an_upgrade_to_another_protocol_is_no_request() -> None:
    app = App()
    upgrade = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 40\r\n\r\n"

    answer = answer_to(upgrade + GET + b"\r\n", app)

    assert answer.count("HTTP/1.1 200 ") == 1
    assert len(app.scopes) == 1


@pytest.mark.parametrize("sent", [b"", b"\r\n"])
def test_a_connection_that_says_nothing_is_closed_without_a_word(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(limits, "HEAD_SECONDS", 0.5)

    assert answer_to(sent) == ""


def test_a_head_that_is_dribbled_is_refused_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEAD_SECONDS", 0.5)

    async def scenario(first: bytes) -> str:
        async with connected(App()) as client:
            await client.send(first)

            async def dribble() -> None:
                while True:
                    await client.send(b"a")
                    await asyncio.sleep(0.01)

            dribbling = asyncio.create_task(dribble())
            try:
                return await client.rest()
            finally:
                dribbling.cancel()

    for first in (b"GET /", GET + b"X: ", GET + b"\r\n" + GET + b"X: "):
        answer = asyncio.run(scenario(first))
        assert re.search(
            r"HTTP/1\.1 408 .*The headers of the request were not complete after 30 seconds\.", answer, re.S
        )


def test_empty_lines_do_not_keep_an_idle_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEAD_SECONDS", 0.5)

    async def scenario() -> str:
        async with connected(App()) as client:
            await client.send(GET + b"\r\n")
            await client.head()
            while not client.server.transport.is_closing():
                await client.send(b"\r\n")
                await asyncio.sleep(0.02)
            return await client.rest()

    assert asyncio.run(asyncio.wait_for(scenario(), 60)) == "hello"


def test_an_idle_connection_is_kept_for_longer_than_a_head_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEAD_SECONDS", 0.5)

    async def scenario() -> list[str]:
        async with connected(App()) as client:
            heads = []
            for _ in range(2):
                await client.send(GET + b"\r\n")
                heads.append(await client.head())
                await client._reader.readexactly(5)
                await asyncio.sleep(0.6)
            return heads

    assert len(asyncio.run(scenario())) == 2


def test_a_long_answer_is_not_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.5)

    async def scenario() -> str:
        app = App()
        app.may_answer.clear()
        async with connected(app) as client:
            await client.send(GET + b"Connection: close\r\n\r\n")
            await app.answering.wait()
            await asyncio.sleep(0.6)
            app.may_answer.set()
            return await client.rest()

    assert asyncio.run(scenario()).endswith("hello")


def test_a_body_may_take_long_but_not_pause_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 1.0)
    monkeypatch.setattr(limits, "HEAD_SECONDS", 0.5)

    async def scenario(app: App, pieces: int) -> str:
        async with connected(app) as client:
            await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 12\r\n\r\n")
            for _ in range(pieces):
                await asyncio.sleep(0.1)
                await client.send(b"a")
            return await client.rest()

    whole, part = App(), App()
    assert asyncio.run(scenario(whole, 12)).endswith("hello")
    assert whole.bodies == [b"a" * 12]
    assert asyncio.run(scenario(part, 3)).endswith("Nothing of the body has arrived for 60 seconds.")


def test_a_client_that_was_not_told_to_continue_has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.5)
    monkeypatch.setattr(limits, "HEAD_SECONDS", 0.5)

    async def scenario() -> str:
        app = App(reads=False)
        app.may_answer.clear()
        async with connected(app) as client:
            await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            await app.answering.wait()
            await asyncio.sleep(0.6)
            app.may_answer.set()
            return await client.head()

    assert asyncio.run(scenario()).startswith("HTTP/1.1 200 ")


def test_the_rest_of_a_body_that_nobody_wants_is_thrown_away_for_some_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNREAD_SECONDS", 0.2)
    monkeypatch.setattr(limits, "HEAD_SECONDS", 0.5)
    post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"

    async def scenario() -> tuple[str, str]:
        async with connected(App(reads=False)) as client:
            await client.send(post)
            first = await client.head()
            await client.send(b"a" * 1_000_000 + post)
            return first, await client.rest()

    first, rest = asyncio.run(scenario())
    assert first.startswith("HTTP/1.1 200 ")
    assert rest.count("HTTP/1.1 200 ") == 1


def test_a_client_that_asks_is_told_to_continue_when_its_body_is_wanted() -> None:
    async def scenario() -> list[str]:
        async with connected(App()) as client:
            await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            heads = [await client.head()]
            await client.send(b"hi")
            return [*heads, await client.head()]

    told, answered = asyncio.run(scenario())
    assert told == "HTTP/1.1 100 Continue\r\n\r\n"
    assert answered.startswith("HTTP/1.1 200 ")
    assert "connection: close" not in answered


def test_a_client_whose_body_is_not_wanted_is_not_told_to_continue_and_the_connection_ends() -> None:
    answer = answer_to(
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n", App(reads=False)
    )

    assert answer.startswith("HTTP/1.1 200 ")
    assert "connection: close" in answer


def test_an_answer_that_ends_the_connection_reaches_a_client_that_still_sends() -> None:
    async def scenario() -> str:
        async with connected(App(reads=False)) as client:
            await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 20000000\r\n\r\n")
            await client.send(b"a" * 20_000_000)
            return await client.rest()

    assert asyncio.run(scenario()).endswith("hello")
