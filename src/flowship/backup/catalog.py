"""The directory that backups are kept in: one directory each, which gets its name only when the backup is good.

What is being made or removed is called `.partial`, so that a process that is killed leaves no backup that looks good
and is not; whatever it leaves is removed by the next one.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import ValidationError

from flowship.backup.manifest import FILE, Manifest, is_name, name_at, time_of
from flowship.errors import BackupError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

LATEST = "latest"
PARTIAL = ".partial"


class Catalog:
    """The backups in a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.shown = str(directory)
        """Where they are, for people."""

    def good(self) -> list[Manifest]:
        """List the backups that are whole as far as sizes tell, oldest first."""
        with _explained(self.directory):
            if not self.directory.is_dir():
                return []
            return [manifest for name in self._names() if (manifest := self._read(name))]

    def find(self, name: str) -> Manifest:
        """Find the backup of this name, or the newest one for `latest`.

        Raises:
            BackupError: there is none.
        """
        good = self.good()
        if name == LATEST and good:
            return good[-1]
        if found := next((manifest for manifest in good if manifest.name == name), None):
            return found
        if not good and (absent := self.absent()):
            raise BackupError(absent)
        there = ", ".join(manifest.name for manifest in good[-5:])
        hint = f"Good ones are: {there}." if good else "There is no good one in it."
        raise BackupError(f"{self.shown} holds no good backup {name}. {hint}")

    def absent(self) -> str:
        """Say that the place itself is not there, if that is so."""
        if self.directory.is_dir():
            return ""
        return f"The folder {self.shown} does not exist. Name the one that backups are kept in by --from."

    def fetch(self, manifest: Manifest) -> None:
        """Have the files of a backup at hand."""

    def file(self, manifest: Manifest, name: str) -> Path:
        """Give a file of a backup."""
        return self.directory / manifest.name / name

    def begin(self, time: datetime) -> str:
        """Make the directory of a new backup, and remove what unfinished ones left; gives its name.

        It is later than every name that is there, also when a clock was set back: the oldest by name is removed first.
        """
        with _explained(self.directory):
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path in self.directory.glob(f"*{PARTIAL}"):
                shutil.rmtree(path)
            if names := self._names():
                time = max(time, time_of(names[-1]) + timedelta(seconds=1))
            self.partial(name_at(time)).mkdir(mode=0o700)
        return name_at(time)

    def partial(self, name: str) -> Path:
        """Give the directory of a backup that is being taken or removed."""
        return self.directory / f"{name}{PARTIAL}"

    def finish(self, manifest: Manifest) -> None:
        """Give a backup whose dumps are good its name: from now on it counts as one."""
        partial = self.partial(manifest.name)
        with _explained(self.directory):
            (partial / FILE).write_text(manifest.model_dump_json(indent=2) + "\n")
            for path in (*partial.iterdir(), partial):
                _to_disk(path)
            partial.rename(self.directory / manifest.name)
            _to_disk(self.directory)

    def prune(self, keep: int) -> list[str]:
        """Remove the oldest good backups beyond `keep`, but never the last one; gives their names."""
        surplus = self.good()[: -max(keep, 1)]
        for manifest in surplus:
            self._remove(manifest)
        return [manifest.name for manifest in surplus]

    def _names(self) -> list[str]:
        """Names of what may be a good backup, in their order."""
        return sorted(path.name for path in self.directory.iterdir() if is_name(path.name))

    def _remove(self, manifest: Manifest) -> None:
        partial = self.partial(manifest.name)
        with _explained(self.directory):
            (self.directory / manifest.name).rename(partial)
            shutil.rmtree(partial)

    def _read(self, name: str) -> Manifest | None:
        folder = self.directory / name
        try:
            manifest = Manifest.model_validate_json((folder / FILE).read_bytes())
            whole = all((folder / dump.file).stat().st_size == dump.size for dump in manifest.databases.values())
        except (FileNotFoundError, NotADirectoryError, ValidationError):
            return None
        return manifest if whole and manifest.name == name else None


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _explained(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupError(
            f"The directory of backups, {directory}, cannot be used: {error.strerror or error}"
            f" ({error.filename or directory}). Make it writable for this user, and make room in it."
        ) from error
