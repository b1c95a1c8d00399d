from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from flowship.server import run_directory as module
from flowship.server.run_directory import run_directory


@pytest.fixture(autouse=True)
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "SHARED_MEMORY", tmp_path)
    return tmp_path


def test_it_is_private_and_goes_at_the_end(parent: Path) -> None:
    with run_directory() as directory:
        assert directory.parent == parent
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        (directory / "file").touch()

    assert list(parent.iterdir()) == []


def test_a_fork_does_not_remove_it() -> None:
    with run_directory() as directory:
        if not (child := os.fork()):
            try:
                raise SystemExit  # as a worker ends
            except SystemExit:
                os._exit(0)
        os.waitpid(child, 0)

        assert directory.is_dir()


def test_what_a_killed_server_left_is_removed_and_nothing_else(parent: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    abandoned = parent / f"flowship-{gone.pid}-x"
    kept = [parent / f"flowship-{os.getpid()}-x", parent / "flowship-data-1", parent / "other"]
    for directory in (abandoned, *kept):
        directory.mkdir()

    with run_directory():
        assert not abandoned.exists()
        assert all(directory.exists() for directory in kept)
