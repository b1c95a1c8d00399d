"""Uploads in parts: what arrives in small pieces is sent to a store in large ones of equal size."""

from __future__ import annotations

from typing import Protocol

from flowship.artifacts.streaming.store import PART

MOST_PARTS = 9_000
"""S3 takes 10,000, Azure 50,000."""


class Upload(Protocol):
    """Takes one file for a store, whole or in parts."""

    def whole(self, data: bytes) -> None:
        """Keep a file that is small enough for one request."""

    def part(self, number: int, data: bytes) -> None:
        """Keep a part, of which nobody sees anything yet; the first is 1."""

    def complete(self) -> None:
        """Make one file of the parts."""

    def abort(self) -> None:
        """Have the store forget the parts."""


def part_size(size: int | None) -> int:
    """Return the bytes of each part for a file of this size: they are doubled until the parts are few enough."""
    found = PART
    while size is not None and size > found * MOST_PARTS:
        found *= 2
    return found


class PartWriter:
    """Collects bytes, and sends each part when it is full."""

    def __init__(self, upload: Upload, size: int | None) -> None:
        self._upload = upload
        self._part_size = part_size(size)
        self._held: list[bytes] = []
        self._length = 0
        self._parts = 0

    def write(self, data: bytes) -> None:
        self._held.append(data)
        self._length += len(data)
        while self._length > self._part_size:  # the last byte waits, so that a file of one part stays whole
            joined = b"".join(self._held)
            self._send(joined[: self._part_size])
            self._held = [joined[self._part_size :]]
            self._length = len(self._held[0])

    def finish(self) -> None:
        rest = b"".join(self._held)
        if not self._parts:
            self._upload.whole(rest)
            return
        self._send(rest)
        self._upload.complete()

    def abort(self) -> None:
        self._held = []
        if self._parts:
            self._upload.abort()

    def _send(self, data: bytes) -> None:
        self._parts += 1  # before it is sent: it may have arrived although an error says that it has not
        self._upload.part(self._parts, data)
