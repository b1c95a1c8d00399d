"""The folder that a release is written into: one of its own, in which nothing of anybody else's can be lost."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from releasing.making import SUMS

if TYPE_CHECKING:
    from pathlib import Path


class FolderError(Exception):
    """Says why a folder is not written into."""


def claim(folder: Path) -> None:
    """Make the folder, and see that nothing is in it but an earlier release.

    Raises FolderError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    others = sorted(path.name for path in folder.iterdir() if path.name not in _released(folder) or not path.is_file())
    if others:
        named = ", ".join(others[:3]) + (", and more" if len(others) > 3 else "")
        raise FolderError(f"{folder} holds what is no release of before: {named}. Name an empty folder, or a new one.")


def replace(folder: Path, made: Path) -> None:
    """Put what was made into a folder that was claimed, in the place of an earlier release."""
    for path in folder.iterdir():
        path.unlink()
    for path in sorted(made.iterdir()):
        shutil.move(path, folder / path.name)


def _released(folder: Path) -> set[str]:
    """The names of a release's files: those that its checksums name, and these."""
    listed = folder / SUMS
    if not listed.is_file():
        return set()
    return {SUMS, *(line.partition("  ")[2] for line in listed.read_text().splitlines())}
