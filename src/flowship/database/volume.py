"""What kind of volume a file is on: several machines may share a network's, which SQLite's fastest way cannot take."""

from __future__ import annotations

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
"""See proc(5): the place of a mount is its fifth field, its type the first one after a lone hyphen."""

OF_ONE_MACHINE = frozenset(
    {
        "bcachefs",
        "btrfs",
        "ext2",
        "ext3",
        "ext4",
        "f2fs",
        "jfs",
        "nilfs2",
        "overlay",
        "ramfs",
        "reiserfs",
        "tmpfs",
        "ubifs",
        "ufs",
        "xfs",
        "zfs",
    }
)
"""File systems that one machine alone has open. Of those of networks (NFS, SMB, Ceph, 9p, FUSE and more) no list is
complete."""


def shared_kind(file: Path) -> str | None:
    """Give the file system's name where more than one machine may have this file open; None on a disk of this machine,
    and on systems that do not tell."""
    try:
        lines = MOUNTS.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return None
    found = kind_of(file.resolve(), lines)
    return None if found is None or found in OF_ONE_MACHINE else found


def kind_of(file: Path, lines: list[str]) -> str | None:
    """Give the name of the file system that this path leads to: of the innermost mount, and there of the last one."""
    deepest, kind = -1, None
    for line in lines:
        place, _, described = line.partition(" - ")
        mount = Path(_unescaped(place.split(" ")[4]))
        if file.is_relative_to(mount) and len(mount.parts) >= deepest:
            deepest, kind = len(mount.parts), described.split(" ")[0]
    return kind


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
