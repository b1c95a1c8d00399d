"""Copies files between stores of any kind, several at once, and compares what arrived with what was read.

Each side is a process of its own: the clients of stores take their credentials from the environment, which may be
another one on each side. Files are on a disk between the two, some at a time.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from flowship.artifacts.contents import File, list_files, read_file
from flowship.artifacts.streaming.opening import store_of
from flowship.artifacts.streaming.store import CHUNK, MissingError
from flowship.errors import MoveError
from flowship.mlflow_seams.artifacts.clients import artifact_repository
from flowship.moving.artifacts.spool import spool_directory
from flowship.moving.rows.ahead import Ahead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

Given = TypeVar("Given")
Answer = TypeVar("Answer")

AT_ONCE = 8
"""Files that are on their way to or from a store."""
FILES = 64
OCTETS = 256 << 20
"""The most files and bytes that are on the disk in between, as far as one file is not larger; and twice as many while
some arrive and others leave."""


@dataclass(frozen=True)
class Place:
    """A place that files are in, and the variables with which its client reaches it; None takes one away."""

    uri: str
    environment: Mapping[str, str | None]


@dataclass(frozen=True)
class Fetched:
    """A file that was read, with its true size."""

    file: File
    kept: str
    """Where it is meanwhile."""
    digest: str


@dataclass(frozen=True)
class Arrived:
    """A file that is at both places."""

    path: str
    size: int
    digest: str
    """Of the bytes that were read at the old place."""
    new_size: int
    new_digest: str
    """Of those that were read back at the new one."""

    @property
    def same(self) -> bool:
        """Whether both are the same."""
        return (self.size, self.digest) == (self.new_size, self.new_digest)


def copy(old: Place, new: Place, report: Callable[[Arrived], None]) -> None:
    """Copy all files that are below a place to another one; what is there already, and the same, stays.

    Raises:
        MoveError: a store cannot be used.
    """
    with (
        _side(old) as reading,
        _side(new) as writing,
        spool_directory() as spool,
    ):
        groups = _grouped(_ask(reading, old, listed, old.uri))

        def fetched() -> Iterator[list[Fetched]]:
            for number, group in enumerate(groups):
                yield _ask(reading, old, fetch, old.uri, group, str(spool / str(number)))

        for group in Ahead(fetched, 1):
            for arrived in _ask(writing, new, store, new.uri, group):
                report(arrived)


def _side(place: Place) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, context, _have, (dict(place.environment),))


def _have(environment: Mapping[str, str | None]) -> None:
    """Give this process the variables of its side, before anything reads them; it ends with the one that asks."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for name, value in environment.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _end_with_parent() -> None:
    """A pool's process waits for ever if the other one was killed."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _ask(side: ProcessPoolExecutor, place: Place, what: Callable[..., Answer], *given: object) -> Answer:
    """Have a side do something.

    Raises:
        MoveError: its store does not.
    """
    try:
        return side.submit(what, *given).result()
    except Exception as error:  # whatever a store's client raises
        said = " ".join(str(error).split())
        raise MoveError(
            f"{place.uri}: {type(error).__name__}: {said}. Mend that, and run the same command again: files that have"
            " arrived are not copied again."
        ) from error


def _grouped(files: Iterable[File]) -> Iterator[list[File]]:
    """Divide files into groups that may be on the disk at once."""
    group: list[File] = []
    weight = 0
    for file in files:
        if group and (len(group) >= FILES or weight + file.size > OCTETS):
            yield group
            group, weight = [], 0
        group.append(file)
        weight += file.size
    if group:
        yield group


def listed(uri: str) -> list[File]:
    """List all files below a place."""
    return list_files(artifact_repository(uri))


def fetch(uri: str, files: list[File], folder: str) -> list[Fetched]:
    """Read files into a folder; gives each with its true size, where it is and its digest."""
    Path(folder).mkdir()
    return _at_once(lambda pair: _fetch(uri, pair[1], str(Path(folder, str(pair[0])))), list(enumerate(files)))


def _fetch(uri: str, file: File, target: str) -> Fetched:
    digest, size = hashlib.sha256(), 0
    with open(target, "xb") as kept:  # noqa: PTH123 - as the rest
        for data in _content(uri, file.path):
            kept.write(data)
            digest.update(data)
            size += len(data)
    return Fetched(File(file.path, size), target, digest.hexdigest())


def _content(uri: str, path: str) -> Iterator[bytes]:
    """Read a file. Raises MissingError when there is none."""
    return read_file(artifact_repository(uri), path)


def store(uri: str, group: list[Fetched]) -> list[Arrived]:
    """Write files that were read to a place, unless they are there, and read them back."""
    return _at_once(lambda each: _store(uri, each), group)


def _store(uri: str, fetched: Fetched) -> Arrived:
    file = fetched.file
    try:
        there = _read_back(uri, file.path)
    except MissingError:
        there = (-1, "")
    if there != (file.size, fetched.digest):
        _write(uri, fetched)
        there = _read_back(uri, file.path)
    Path(fetched.kept).unlink()
    return Arrived(file.path, file.size, fetched.digest, *there)


def _write(uri: str, fetched: Fetched) -> None:
    writer = store_of(artifact_repository(uri)).write(fetched.file.path, fetched.file.size)
    try:
        with open(fetched.kept, "rb") as content:  # noqa: PTH123
            while data := content.read(CHUNK):
                writer.write(data)
        writer.finish()
    except BaseException:
        writer.abort()
        raise


def _read_back(uri: str, path: str) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    for data in _content(uri, path):
        digest.update(data)
        size += len(data)
    return size, digest.hexdigest()


def _at_once(do: Callable[[Given], Answer], items: list[Given]) -> list[Answer]:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(do, items))
