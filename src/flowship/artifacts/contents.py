"""All files below an address, by the names that they have in their store: listed, and read.

MLflow's own client of a disk unquotes the names that it is asked for, and finds no file that is called `50%25.png`.
"""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowship.artifacts.removing.opening import STORES as OBJECTS
from flowship.artifacts.streaming.opening import store_of
from flowship.artifacts.streaming.store import CHUNK, MissingError
from flowship.mlflow_seams.artifacts.clients import in_azure, in_gcs, in_s3, kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from flowship.artifacts.removing.store import Objects
    from flowship.mlflow_seams.artifacts.clients import InBucket, Kind


PLACES: Mapping[Kind, Callable[[Any], InBucket]] = {"s3": in_s3, "gcs": in_gcs, "azure": in_azure}


@dataclass(frozen=True)
class File:
    """A file below an address."""

    path: str
    size: int


def list_files(repository: Any) -> list[File]:
    """List all files that one of MLflow's clients reaches, in the order of their paths. Its own listing finds nothing
    where the address is the root of a container of Azure, or of a bucket of Google."""
    found = kind(repository)
    in_bucket = PLACES.get(found) if found else None
    if found is None or in_bucket is None:
        return _walked(repository)
    return files_below(OBJECTS[found](repository), in_bucket(repository).prefix.rstrip("/"))


def files_below(objects: Objects, folder: str) -> list[File]:
    """List the files in a folder of a bucket. What only stands for a folder is none: an object whose name ends with a
    slash, or an empty one beside others that are in it."""
    start = len(folder) + 1 if folder else 0
    listed = {each.name[start:]: each.size for page in objects.pages(folder) for each in page}
    folders = {path[:end] for path in listed for end in range(len(path)) if path[end] == "/"}
    kept = {path: size for path, size in listed.items() if not path.endswith("/") and (size or path not in folders)}
    return [File(path, size) for path, size in sorted(kept.items())]


def _walked(repository: Any) -> list[File]:
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
