"""Files below a directory."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from flowship.artifacts.streaming.store import CHUNK, Facts, MissingError, Span
from flowship.mlflow_seams.artifacts.clients import Staged


class Disk:
    """Reads and writes files below the directory of MLflow's client, which refuses paths that lead out of it."""

    def __init__(self, repository: Any) -> None:
        self._repository = repository

    def look(self, path: str) -> Facts:
        with self._open(path) as file:
            return _facts(file.fileno())

    def read(self, path: str, found: Facts | None = None, span: Span | None = None) -> DiskReader:
        return DiskReader(self._open(path), span)

    def write(self, path: str, size: int | None) -> DiskWriter:
        return DiskWriter(Staged(self._repository, path))

    def _open(self, path: str) -> Any:
        try:
            return open(self._repository.get_local_path(path), "rb", buffering=0)  # noqa: PTH123 - a reader closes it
        except (FileNotFoundError, IsADirectoryError) as error:
            raise MissingError(path) from error


class DiskReader:
    """Reads an open file."""

    def __init__(self, file: Any, span: Span | None) -> None:
        self._file = file
        self.descriptor: int | None = file.fileno()
        self.facts = _facts(file.fileno())
        self._place = span.start if span else 0
        self._stop = span.stop if span else self.facts.size  # what is written meanwhile was not promised

    def read(self) -> bytes:
        data = os.pread(self._file.fileno(), min(CHUNK, self._stop - self._place), self._place)
        self._place += len(data)
        return data

    def close(self) -> None:
        self._file.close()


class DiskWriter:
    """Writes a file under another name, beside the one that it will replace."""

    def __init__(self, staged: Staged) -> None:
        self._staged = staged
        self._file = os.fdopen(staged.descriptor, "wb")

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def finish(self) -> None:
        self._file.close()
        self._staged.publish()

    def abort(self) -> None:
        try:
            self._file.close()  # which may still have bytes for a disk that is full
        finally:
            self._staged.discard()


def _facts(descriptor: int) -> Facts:
    found = os.fstat(descriptor)
    etag = f'"{found.st_mtime_ns:x}-{found.st_size:x}"'
    return Facts(found.st_size, etag, datetime.fromtimestamp(found.st_mtime, UTC))
