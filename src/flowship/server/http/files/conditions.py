"""What a request wants of a file that it may have: all of it, a range, or nothing that it has already (RFC 9110)."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug.http import http_date, is_resource_modified, parse_range_header

from flowship.artifacts.streaming.store import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowship.artifacts.streaming.store import Facts

    Header = tuple[bytes, bytes]

_READ = {
    b"range": "HTTP_RANGE",
    b"if-range": "HTTP_IF_RANGE",
    b"if-none-match": "HTTP_IF_NONE_MATCH",
    b"if-modified-since": "HTTP_IF_MODIFIED_SINCE",
}


@dataclass(frozen=True)
class Answer:
    """Says how a request for a file is answered."""

    status: int
    span: Span
    """The bytes to send."""

    @property
    def has_body(self) -> bool:
        """Whether bytes are sent."""
        return bool(self.span.length)


class Wishes:
    """Reads the conditional headers of one request; a HEAD request has no range."""

    def __init__(self, headers: Iterable[Header], *, ranges: bool = True) -> None:
        self._said: dict[str, str] = {}
        for name, value in headers:
            key = _READ.get(name.lower())
            if key and (ranges or "RANGE" not in key):
                before = f"{self._said[key]}, " if key in self._said else ""
                self._said[key] = before + value.decode("latin-1")

    @property
    def any(self) -> bool:
        """Whether the file must be known before it is read."""
        return bool(self._said)

    def answer(self, found: Facts) -> Answer:
        """Decide what to send of this file."""
        whole = Span(0, found.size)
        environ = {"REQUEST_METHOD": "GET", **self._said}
        if not is_resource_modified(environ, etag=found.etag.strip('"'), last_modified=found.modified):
            return Answer(HTTPStatus.NOT_MODIFIED, Span(0, 0))
        if "HTTP_RANGE" not in self._said or self._is_outdated(found):
            return Answer(HTTPStatus.OK, whole)
        wanted = parse_range_header(self._said["HTTP_RANGE"])
        if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
            return Answer(HTTPStatus.OK, whole)  # unreadable, or several: a server may send everything
        span = _within(*wanted.ranges[0], found.size)
        if not span.length:
            return Answer(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, span)
        return Answer(HTTPStatus.PARTIAL_CONTENT, span)

    def _is_outdated(self, found: Facts) -> bool:
        """Tell whether the range is of another version, which the client names by its tag or, exactly, its time."""
        known = self._said.get("HTTP_IF_RANGE")
        return known is not None and known not in (found.etag, http_date(found.modified))


def _within(start: int, stop: int | None, size: int) -> Span:
    """Return the part of a wanted range that exists; a negative start counts from the end."""
    start = min(start if start >= 0 else max(size + start, 0), size)
    return Span(start, size if stop is None else max(min(stop, size), start))


def headers(found: Facts, answer: Answer) -> list[Header]:
    """Return the headers that tell of the file and of the bytes that follow."""
    said = {
        "etag": found.etag,
        "last-modified": http_date(found.modified),
        "accept-ranges": "bytes",
        "cache-control": "no-cache",  # it may be replaced; a browser asks whether it was
        "content-encoding": found.encoding,
    }
    if answer.status == HTTPStatus.PARTIAL_CONTENT:
        said["content-range"] = f"bytes {answer.span.start}-{answer.span.stop - 1}/{found.size}"
    if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        said["content-range"] = f"bytes */{found.size}"
    if answer.status != HTTPStatus.NOT_MODIFIED:
        said["content-length"] = str(answer.span.length)
    return [(name.encode(), value.encode("latin-1")) for name, value in said.items() if value]
