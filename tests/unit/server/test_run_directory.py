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
    program = (
        "import os, signal; from pathlib import Path; from flowship.server import run_directory as module\n"
        f"module.SHARED_MEMORY = Path({str(parent)!r})\n"
        "with module.run_directory() as directory:\n"
        "    print(directory, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    abandoned = Path(killed.stdout.strip())
    assert abandoned.is_dir()
    (parent / "other").mkdir()

    with run_directory() as first, run_directory():
        assert not abandoned.exists()
        assert first.exists()
        assert (parent / "other").exists()


def test_another_namespace_of_processes_leaves_it_alone(parent: Path) -> None:
    with run_directory() as directory:
        program = (
            "from pathlib import Path; from flowship.server import run_directory as module; "
            f"module.SHARED_MEMORY = Path({str(parent)!r}); module.run_directory().__enter__()"
        )
        subprocess.run(["unshare", "--pid", "--fork", sys.executable, "-c", program], check=True)

        assert directory.exists()
