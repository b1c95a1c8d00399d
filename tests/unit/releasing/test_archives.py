"""Archives of a release are the same from the same files."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

from releasing import archives

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"b/run": (b"#!/bin/sh\n", 0o775), "a": (b"text", 0o600)}


def test_members_come_in_order_with_one_time_and_nobodys_name(tmp_path: Path) -> None:
    archives.write(tmp_path / "x.tgz", FILES, 1796064624)

    with tarfile.open(tmp_path / "x.tgz") as tar:
        found = [(each.name, each.mode, each.mtime, each.uid, each.uname) for each in tar]
    assert found == [("a", 0o644, 1796064624, 0, ""), ("b/run", 0o755, 1796064624, 0, "")]


def test_an_archive_with_the_time_of_day_becomes_that_of_the_commit(tmp_path: Path) -> None:
    written = []
    for time in (1, 2):
        with tarfile.open(tmp_path / "x.tgz", "w:gz") as tar:
            for name, (content, mode) in FILES.items():
                member = tarfile.TarInfo(name)
                member.size, member.mode, member.mtime, member.uname = len(content), mode, time, f"user {time}"
                tar.addfile(member, io.BytesIO(content))
        archives.normalise(tmp_path / "x.tgz", 1796064624)
        written.append((tmp_path / "x.tgz").read_bytes())

    archives.write(tmp_path / "y.tgz", FILES, 1796064624)
    assert {*written} == {(tmp_path / "y.tgz").read_bytes()}
