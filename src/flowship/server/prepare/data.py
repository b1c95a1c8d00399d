"""The data directory of one machine: private, and used by one Flowship at a time."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flowship.errors import DataDirectoryError
from flowship.file_lock import try_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK = ".flowship.lock"


def make(data: Path) -> None:
    """Make the directory, readable by its owner only, unless it exists.

    Raises:
        DataDirectoryError: it cannot be made or written.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DataDirectoryError(_unusable(data, error)) from error
    if not os.access(data, os.W_OK | os.X_OK):
        raise DataDirectoryError(_unusable(data, PermissionError(0, "no permission to write")))


def require_kept(data: Path, mounts: Path = Path("/proc/self/mountinfo")) -> None:
    """Refuse a directory in a container's own layer, which is lost with the container.

    Raises:
        DataDirectoryError: nothing is mounted at or above it.
    """
    try:
        lines = mounts.read_text().splitlines()
    except OSError:  # not Linux, so no container either
        return
    # See proc(5): the mount point is the fifth field, the file system's type follows a lone hyphen.
    points = {fields[4]: fields[fields.index("-") + 1] for fields in map(str.split, lines)}
    nearest = next((str(path) for path in (data, *data.parents) if str(path) in points), "/")
    if points.get(nearest) == "overlay":
        raise DataDirectoryError(
            f"The data directory {data} is in the container's own layer, and would be lost with it. Mount a volume "
            f"there, such as: docker run -v flowship-data:{data}"
        )


@contextmanager
def held(data: Path) -> Iterator[int]:
    """Keep any other `flowship up` away from the directory; gives the lock's descriptor, for the server to inherit:
    the lock then lasts as long as anything that writes here.

    Raises:
        DataDirectoryError: another one holds it.
    """
    try:
        descriptor = os.open(data / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise DataDirectoryError(_unusable(data, error)) from error
    try:
        if not try_lock(descriptor):
            raise DataDirectoryError(
                f"The data directory {data} is in use by another flowship up. Stop that one, or choose another "
                "directory with --data."
            )
        yield descriptor
    finally:
        os.close(descriptor)


def require_stopped(data: Path) -> None:
    """Refuse a directory that a `flowship up` uses; changes nothing in it.

    Raises:
        DataDirectoryError: one does.
    """
    try:
        descriptor = os.open(data / LOCK, os.O_RDONLY)
    except OSError:  # none was ever started there, or it is not ours to know
        return
    try:
        if not try_lock(descriptor):
            raise DataDirectoryError(f"The data directory {data} is in use by a flowship up. Stop that one first.")
    finally:
        os.close(descriptor)


def _unusable(data: Path, error: OSError) -> str:
    return (
        f"The data directory {data} cannot be used ({error.strerror}). Make it writable for this user, or choose "
        "another with --data."
    )
