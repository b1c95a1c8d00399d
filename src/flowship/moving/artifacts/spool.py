"""The directory of files that have left one side and have not arrived at the other."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from flowship.file_lock import try_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "flowship-move-"
"""How the names of such directories begin."""


@contextmanager
def spool_directory() -> Iterator[Path]:
    """Make one in the temporary directory, and remove those that moves which were killed have left there."""
    for left in Path(tempfile.gettempdir()).glob(f"{NAME}*"):
        with suppress(OSError), _held(left) as free:  # another user's, or removed meanwhile
            if free:
                shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=NAME) as made, _held(Path(made)):
        yield Path(made)


@contextmanager
def _held(directory: Path) -> Iterator[bool]:
    """Hold a directory of this user's as long as this process lives; tells whether no other process does."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield os.fstat(descriptor).st_uid == os.getuid() and try_lock(descriptor)
    finally:
        os.close(descriptor)
