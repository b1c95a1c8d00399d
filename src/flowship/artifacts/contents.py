"""All files below an address, by the names that they have in their store: listed, and read.

MLflow's own client of a disk unquotes the names that it is asked for, and finds no file that is called `50%25.png`.
"""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowship.artifacts.streaming.opening import store_of
from flowship.artifacts.streaming.store import CHUNK, MissingError
from flowship.mlflow_seams.artifacts.clients import kind

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class File:
    """A file below an address."""

    path: str
    size: int


def list_files(repository: Any) -> list[File]:
    """List all files that one of MLflow's clients reaches, in the order of their paths."""
    found: list[File] = []
    folders: list[str | None] = [None]
    while folders:
        for info in repository.list_artifacts(folders.pop()):
            if info.is_dir:
                folders.append(info.path)
            else:
                found.append(File(info.path, info.file_size or 0))
    return sorted(found, key=lambda file: file.path)


def read_file(repository: Any, path: str) -> Iterator[bytes]:
    """Read a file that was listed.

    Raises:
        MissingError: there is none.
    """
    found = kind(repository)
    if found is None:
        yield from _downloaded(repository, path)
    elif found == "disk":
        yield from _on_disk(Path(repository.artifact_dir, path))
    else:
        with closing(store_of(repository).read(path)) as reader:
            while data := reader.read():
                yield data


def _on_disk(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as content:
            while data := content.read(CHUNK):
                yield data
    except FileNotFoundError as error:
        raise MissingError(str(file)) from error


def _downloaded(repository: Any, path: str) -> Iterator[bytes]:
    """Have a client of a kind that is not streamed put the file on the disk first."""
    with tempfile.TemporaryDirectory(prefix="flowship-") as directory:
        yield from _on_disk(Path(repository.download_artifacts(path, directory)))
