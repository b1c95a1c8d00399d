"""Archives that depend on nothing but what is in them: members in order, one time for all, nobody's name."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RUNS = 0o100
"""The owner may run it."""


def write(archive: Path, files: Mapping[str, tuple[bytes, int]], time: int) -> None:
    """Write a `.tar.gz` of files, each with its content and mode."""
    with (
        archive.open("wb") as out,
        gzip.GzipFile("", "wb", mtime=0, fileobj=out) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name in sorted(files):
            content, mode = files[name]
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = len(content), time, 0o755 if mode & RUNS else 0o644
            tar.addfile(member, io.BytesIO(content))


def normalise(archive: Path, time: int) -> None:
    """Write an archive anew, since Helm packs the time of day."""
    files = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            if content := tar.extractfile(member):
                files[member.name] = content.read(), member.mode
    write(archive, files, time)
