"""What is sent of a file, by the request's headers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flowship.artifacts.streaming.store import Facts, Span
from flowship.server.http.files.conditions import Wishes, headers

FILE = Facts(10, '"tag"', datetime(2026, 11, 30, 1, 2, 3, 456, UTC))
TIME = "Mon, 30 Nov 2026 01:02:03 GMT"


def answer(*said: tuple[str, str], ranges: bool = True, file: Facts = FILE) -> tuple[int, Span]:
    found = Wishes([(name.encode(), value.encode()) for name, value in said], ranges=ranges).answer(file)
    return found.status, found.span


@pytest.mark.parametrize(
    ("said", "span"),
    [
        ("bytes=0-3", Span(0, 4)),
        ("bytes=4-", Span(4, 10)),
        ("bytes=4-99", Span(4, 10)),
        ("bytes=-3", Span(7, 10)),
        ("bytes=-99", Span(0, 10)),
    ],
)
def test_a_range_is_sent_alone(said: str, span: Span) -> None:
    assert answer(("Range", said)) == (206, span)


@pytest.mark.parametrize("said", ["bytes=1-2,4-5", "bytes=5-2", "bytes=x", "pages=1-2", "bytes"])
def test_what_is_no_single_range_of_bytes_gets_everything(said: str) -> None:
    assert answer(("Range", said)) == (200, Span(0, 10))


@pytest.mark.parametrize(("said", "file"), [("bytes=10-", FILE), ("bytes=0-", Facts(0, '"none"', FILE.modified))])
def test_a_range_behind_the_end_cannot_be_sent(said: str, file: Facts) -> None:
    assert answer(("Range", said), file=file)[0] == 416


@pytest.mark.parametrize(("version", "status"), [('"tag"', 206), (TIME, 206), ('"old"', 200), ('W/"tag"', 200)])
def test_a_range_of_another_version_gets_everything(version: str, status: int) -> None:
    assert answer(("Range", "bytes=0-3"), ("If-Range", version))[0] == status


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("If-None-Match", '"tag"', 304),
        ("If-None-Match", '"other", "tag"', 304),
        ("If-None-Match", '"other"', 200),
        ("If-Modified-Since", TIME, 304),
        ("If-Modified-Since", "Mon, 30 Nov 2026 01:02:02 GMT", 200),
    ],
)
def test_what_the_client_has_is_not_sent_again(name: str, value: str, status: int) -> None:
    assert answer((name, value))[0] == status


def test_a_request_for_headers_has_no_range() -> None:
    assert answer(("Range", "bytes=0-3"), ranges=False) == (200, Span(0, 10))


def test_only_conditions_ask_to_look_first() -> None:
    assert not Wishes([(b"accept", b"*/*"), (b"authorization", b"Basic eA==")]).any
    assert Wishes([(b"range", b"bytes=0-")]).any


def test_the_headers_say_what_follows() -> None:
    part = dict(headers(FILE, Wishes([(b"range", b"bytes=2-5")]).answer(FILE)))
    none = dict(headers(FILE, Wishes([(b"range", b"bytes=10-")]).answer(FILE)))
    same = dict(headers(FILE, Wishes([(b"if-none-match", b'"tag"')]).answer(FILE)))

    assert part == {
        b"etag": b'"tag"',
        b"last-modified": TIME.encode(),
        b"accept-ranges": b"bytes",
        b"cache-control": b"no-cache",
        b"content-range": b"bytes 2-5/10",
        b"content-length": b"4",
    }
    assert (none[b"content-range"], none[b"content-length"]) == (b"bytes */10", b"0")
    assert b"content-length" not in same
