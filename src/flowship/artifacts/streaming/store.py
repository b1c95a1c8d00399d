"""What streaming asks of a store. Everything here blocks, and is called in threads, by one at a time for each file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

CHUNK = 1 << 18
"""Bytes that are read at once. Larger ones are no faster, and each download holds one."""

PART = 8 << 20
"""Bytes that are sent to a store at once; each upload holds up to two such parts. S3 wants 5 MiB or more, Google a
multiple of 256 KiB."""


class MissingError(Exception):
    """The store has no file of this name."""


@dataclass(frozen=True)
class Facts:
    """Says what a store knows of a file without reading it."""

    size: int
    etag: str
    """In quotes; another one when the content has changed."""
    modified: datetime
    encoding: str = ""
    """How the bytes are packed, for the client to unpack."""


@dataclass(frozen=True)
class Span:
    """Names a range of a file's bytes."""

    start: int
    stop: int
    """The first byte that is no longer of it."""

    @property
    def length(self) -> int:
        return self.stop - self.start

    @property
    def header(self) -> str:
        """The value of a `Range` header."""
        return f"bytes={self.start}-{self.stop - 1}"


class Reader(Protocol):
    """Reads a file, or a range of it, from a store."""

    facts: Facts

    @property
    def descriptor(self) -> int | None:
        """The open file's descriptor, for whoever can send a file without reading it; None where there is no file."""

    def read(self) -> bytes:
        """Return the next bytes, none at the end. What fails only at the end fails before the last bytes are given."""

    def close(self) -> None:
        """End the read, wherever it is; the store sends no more."""


class Writer(Protocol):
    """Writes a file to a store, where nobody sees it under its name before `finish`."""

    def write(self, data: bytes) -> None:
        """Add bytes."""

    def finish(self) -> None:
        """Give the whole file its name; one that had the name before is replaced."""

    def abort(self) -> None:
        """Remove what was written."""


class Store(Protocol):
    """Keeps files: a directory, a bucket or a container."""

    def look(self, path: str) -> Facts:
        """Return what is known of a file. Raises MissingError."""

    def read(self, path: str, found: Facts | None = None, span: Span | None = None) -> Reader:
        """Begin to read: all of it, or a range of exactly the file that was found. Raises MissingError."""

    def write(self, path: str, size: int | None) -> Writer:
        """Begin to write a file of this size, if that is known."""
