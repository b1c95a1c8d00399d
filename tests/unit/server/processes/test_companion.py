from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from flowship.server.processes import companion as module
from flowship.server.processes.companion import Companion, fork


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def append(path: Path) -> None:
    with path.open("a") as file:
        file.write("x")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.0)


@pytest.fixture
def sleeper() -> Iterator[Companion]:
    companion = Companion("sleeper", partial(time.sleep, 60))
    companion.keep()
    yield companion
    companion.end(signal.SIGKILL)
    assert within(10, lambda: not companion.running())


def test_one_that_ended_is_started_again(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    companion = Companion("short", partial(append, runs))

    def ran_twice() -> bool:
        companion.keep()
        return runs.exists() and len(runs.read_text()) >= 2

    assert within(20, ran_twice)
    assert within(10, lambda: not companion.running())


def test_one_that_runs_is_left_alone(sleeper: Companion) -> None:
    first = sleeper._pid
    sleeper.keep()

    assert sleeper.running()
    assert sleeper._pid == first


def test_one_that_shall_run_once_is_done_when_it_succeeds(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    companion = Companion("once", partial(append, runs), once=True)
    for _ in range(3):
        companion.keep()
        assert within(10, lambda: not companion.running())

    assert runs.read_text() == "x"


def test_one_that_shall_run_once_is_tried_again_when_it_fails(tmp_path: Path) -> None:
    runs = tmp_path / "runs"

    def fail_first() -> None:
        append(runs)
        if runs.read_text() == "x":
            raise SystemExit(1)

    companion = Companion("once", fail_first, once=True)
    for _ in range(4):
        companion.keep()
        assert within(10, lambda: not companion.running())

    assert runs.read_text() == "xx"


def test_it_ends_when_it_is_asked(sleeper: Companion) -> None:
    sleeper.end()

    assert within(10, lambda: not sleeper.running())


def test_a_fork_has_the_signals_of_a_new_program() -> None:
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        pid = fork(partial(time.sleep, 60))

        def ends_when_asked() -> bool:
            os.kill(pid, signal.SIGTERM)
            return os.waitpid(pid, os.WNOHANG)[0] == pid

        assert within(10, ends_when_asked)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_fork_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program = (
        "import os, pathlib, signal, time; from flowship.server.processes.companion import fork; "
        f"pathlib.Path({str(note)!r}).write_text(str(fork(lambda: time.sleep(60)))); "
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program], check=False)
    pid = int(note.read_text())

    assert within(10, lambda: not _lives(pid))


def _lives(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
