"""What removing asks of a store. Everything here blocks, may be called in several threads, and raises what the store's
client raises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

PAGE = 1_000
"""Objects that are listed and removed at once, as many as S3 takes."""


@dataclass(frozen=True)
class Stored:
    """An object, or a file."""

    name: str
    """In the whole bucket; on disk the whole path."""
    size: int
    modified: datetime


class RemovalError(Exception):
    """The store did not remove some objects; the message is its word on the first."""


class Objects(Protocol):
    """A bucket, a container, or the disk."""

    def pages(self, folder: str) -> Iterator[list[Stored]]:
        """List all objects below a folder, page by page; one that is not there has none."""

    def remove(self, objects: Sequence[Stored]) -> None:
        """Remove objects; those that are gone already are no error."""

    def tidy(self, folder: str) -> None:
        """Remove the folder itself, and empty ones in it, where folders are something."""
