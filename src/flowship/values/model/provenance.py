"""Where each value was written, so that a finding can name the file and the line.

A value travels as an `Item` while it is read and merged: what it holds, and the `Source` it came from. Merging items
merges both at once, so the two cannot drift apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Path: TypeAlias = tuple[str | int, ...]
"""The keys and list indexes that lead to a value."""

Scalar: TypeAlias = bool | int | float | str | None

DEEPEST = 200
"""Levels of maps and lists in one value, far more than any object of Kubernetes has: they are walked by functions that
call themselves."""


@dataclass(frozen=True, slots=True)
class Source:
    """The place where a user wrote a value; never the value itself, which may be a secret."""

    name: str
    """A file's path as the user gave it, or the option and its key: `--set image.tag`."""

    line: int | None = None
    """Counted from 1; None where there are no lines."""

    column: int | None = None
    """Counted from 1; None where the line says enough."""

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.name, self.line, self.column) if part is not None)


@dataclass(slots=True)
class Item:
    """A value and its source; maps and lists hold items in turn."""

    content: dict[str, Item] | list[Item] | Scalar
    source: Source

    def data(self) -> Any:
        """Give the plain value."""
        if isinstance(self.content, dict):
            return {key: item.data() for key, item in self.content.items()}
        if isinstance(self.content, list):
            return [item.data() for item in self.content]
        return self.content

    def sources(self, path: Path = ()) -> Iterator[tuple[Path, Source]]:
        """Give the source of this value, at `path`, and of everything below it."""
        yield path, self.source
        children: Any = ()
        if isinstance(self.content, dict):
            children = self.content.items()
        elif isinstance(self.content, list):
            children = enumerate(self.content)
        for step, item in children:
            yield from item.sources((*path, step))


def merge(below: Item, above: Item) -> Item:
    """`above` wins; maps are merged key by key, lists and scalars replaced (Helm's `MergeMaps`)."""
    if not (isinstance(below.content, dict) and isinstance(above.content, dict)):
        return above
    merged = dict(below.content)
    for key, item in above.content.items():
        merged[key] = merge(merged[key], item) if key in merged else item
    return Item(merged, above.source)
