"""The stores of one collection: each is opened once, and one that fails again and again is left alone."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from flowship.artifacts.location import ArtifactLocation
from flowship.artifacts.removing.opening import objects_of
from flowship.artifacts.store_errors import explained

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowship.artifacts.removing.store import Objects, Stored
    from flowship.garbage.places import Folder

STRIKES = 3
"""Failures after which nothing more is asked of a store: clients try for minutes."""


class StoreError(Exception):
    """A store cannot be read or changed; the message is a sentence, and `removed` says how many objects are gone."""

    def __init__(self, sentence: str, removed: int = 0) -> None:
        super().__init__(sentence)
        self.removed = removed


Choice = Callable[[list["Stored"]], list["Stored"]]
"""Chooses from a page what may go."""


def _all(page: list[Stored]) -> list[Stored]:
    return page


@dataclass
class Amount:
    """Objects, and their bytes."""

    objects: int = 0
    bytes: int = 0

    def add(self, page: Iterable[Stored]) -> None:
        """Count these too."""
        for each in page:
            self.objects += 1
            self.bytes += each.size


@dataclass
class Opened:
    """A folder whose first page has been listed."""

    folder: Folder
    first: list[Stored]
    rest: Iterator[list[Stored]]

    def pages(self) -> Iterator[list[Stored]]:
        """Give all pages."""
        return chain([self.first] if self.first else [], self.rest)


@dataclass
class Stores:
    """Opens stores, and turns what their clients raise into sentences."""

    location: ArtifactLocation
    """Where the values say that artifacts are."""
    _opened: dict[str, Objects] = field(default_factory=dict)
    _failures: Counter[str] = field(default_factory=Counter)
    _said: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, folder: Folder) -> Opened:
        """List the first page of a folder. Raises StoreError."""
        store = folder.store
        if self._failures[store] >= STRIKES:
            raise StoreError(f"{store} cannot be used: {self._said[store]}")
        try:
            pages = self.objects(folder).pages(folder.path)
            return Opened(folder, next(pages, []), pages)
        except Exception as error:  # whatever a client raises
            raise self._failed(folder, error, 0) from error

    def measure(self, opened: Opened, own: Choice = _all) -> Amount:
        """Count what is in a folder, or what of it is chosen. Raises StoreError."""
        found = Amount()
        try:
            for page in opened.pages():
                found.add(own(page))
        except Exception as error:
            raise self._failed(opened.folder, error, 0) from error
        return found

    def empty(self, opened: Opened, own: Choice = _all) -> Amount:
        """Remove what is in a folder, or what of it is chosen. Raises StoreError."""
        found = Amount()
        folder = opened.folder
        objects = self.objects(folder)
        try:
            for page in opened.pages():
                if chosen := own(page):
                    objects.remove(chosen)
                    found.add(chosen)
            if folder.scheme == "file":
                objects.tidy(folder.path)
        except Exception as error:
            raise self._failed(folder, error, found.objects) from error
        return found

    def tidy(self, folder: Folder) -> None:
        """Remove a folder that is empty, where it can be."""
        if folder.scheme == "file":
            self.objects(folder).tidy(folder.path)

    def objects(self, folder: Folder) -> Objects:
        """Give the store that a folder is in. Raises what its client raises."""
        with self._lock:
            if folder.store not in self._opened:
                self._opened[folder.store] = objects_of(folder.store)
            return self._opened[folder.store]

    def _failed(self, folder: Folder, error: Exception, removed: int) -> StoreError:
        own = self.location.uri.startswith(folder.store)
        said = explained(error, ArtifactLocation(folder.uri, proxied=False, key=self.location.key if own else ""))
        with self._lock:
            self._failures[folder.store] += 1
            self._said[folder.store] = said
        return StoreError(f"{folder.uri} cannot be emptied: {said}", removed)
