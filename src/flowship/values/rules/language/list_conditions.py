"""Conditions on the items of lists; see `conditions`."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from flowship.values.rules.language.conditions import Predicate, search

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowship.values.rules.language.conditions import Condition


def every_text(key: str, pattern: str) -> Condition:
    """Each text in the list contains a match of the pattern."""
    return Predicate("every text", (key,), _every_text, (pattern,))


def some_item(key: str, name: str, pattern: str) -> Condition:
    """An item of the list is a map in which this name has a text that contains a match of the pattern."""
    return Predicate("some item", (key,), lambda *about: any(_fits(*about)), (name, pattern))


def every_item(key: str, name: str, pattern: str) -> Condition:
    """Each item of the list that is a map has at this name a text that contains a match of the pattern."""
    return Predicate("every item", (key,), lambda *about: all(_fits(*about)), (name, pattern))


def item_holds(key: str, name: str) -> Condition:
    """An item of the list is a map that has a map or a list at this name."""
    return Predicate("item holds", (key,), _item_holds, (name,))


def on_mount(key: str, mounts: str) -> Condition:
    """The path at the key is where one of these mounts is, or below it."""
    return Predicate("on mount", (key, mounts), _on_mount)


def _every_text(found: Any, pattern: str) -> bool:
    items = found if isinstance(found, list) else []
    return all(search(pattern, item) for item in items if isinstance(item, str))


def _items(found: Any) -> list[dict[str, Any]]:
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _fits(found: Any, name: str, pattern: str) -> Iterator[bool]:
    texts = (item.get(name) for item in _items(found))
    return (isinstance(text, str) and search(pattern, text) for text in texts)


def _item_holds(found: Any, name: str) -> bool:
    return any(isinstance(item.get(name), dict | list) for item in _items(found))


def _on_mount(found: Any, others: Any) -> bool:
    path = _clean(found)
    mounts = [_clean(item.get("mountPath")) for item in _items(others)]
    return any(f"{path}/".startswith(f"{mount.rstrip('/')}/") for mount in mounts)


def _clean(path: Any) -> str:
    """Give a path as Go's `path.Clean` writes it, which leaves one slash of two at the beginning."""
    return re.sub("^//", "/", posixpath.normpath(path)) if isinstance(path, str) else "<nil>"
