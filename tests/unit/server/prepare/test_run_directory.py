from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from flowship.server.prepare import run_directory as module
from flowship.server.prepare.run_directory import run_directory


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
    abandoned = parent / "flowship-server-x"
    kept = [parent / "flowship-data-1", parent / "other"]
    for directory in (abandoned, *kept):
        directory.mkdir()
    (parent / "flowship-server-link").symlink_to(parent / "other")

    with run_directory() as used, run_directory() as another:
        assert not abandoned.exists()
        assert all(directory.exists() for directory in (used, another, *kept))


def test_it_is_kept_while_a_fork_of_a_killed_server_lives(parent: Path) -> None:
    program = (
        "import os, pathlib, signal, sys; from flowship.server.prepare import run_directory as module\n"
        f"module.SHARED_MEMORY = pathlib.Path({str(parent)!r})\n"
        "with module.run_directory() as directory:\n"
        "    print(directory, flush=True)\n"
        "    if os.fork():\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as killed:
        assert killed.stdin
        assert killed.stdout
        directory = Path(killed.stdout.readline().strip())
        killed.wait()
        with run_directory():
            assert directory.is_dir()
        killed.stdin.close()
        assert killed.stdout.read() == ""  # its end has been reached when the fork is gone
    with run_directory():
        assert not directory.exists()
