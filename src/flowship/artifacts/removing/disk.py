"""Files below a directory. Links are removed, and never followed."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from flowship.artifacts.removing.store import PAGE, Stored

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Disk:
    """Lists and removes files."""

    def pages(self, folder: str) -> Iterator[list[Stored]]:
        if not Path(folder).exists() and not Path(folder).is_symlink():
            return
        page: list[Stored] = []
        for directory, below, files in os.walk(folder, onerror=_raise):
            below.sort()
            links = [name for name in below if (Path(directory) / name).is_symlink()]
            for name in sorted((*files, *links)):
                page += _stored(Path(directory) / name)
                if len(page) == PAGE:
                    yield page
                    page = []
        if page:
            yield page

    def remove(self, objects: Sequence[Stored]) -> None:
        for each in objects:
            Path(each.name).unlink(missing_ok=True)

    def tidy(self, folder: str) -> None:
        for directory, _, _ in os.walk(folder, topdown=False):
            _remove_empty(Path(directory))


def _stored(path: Path) -> list[Stored]:
    try:
        found = path.lstat()
    except FileNotFoundError:  # removed meanwhile
        return []
    return [Stored(str(path), found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))]


def _remove_empty(directory: Path) -> None:
    try:
        directory.rmdir()
    except OSError:  # something is in it, or it is gone
        return


def _raise(error: OSError) -> NoReturn:
    raise error
