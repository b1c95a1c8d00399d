from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from flowship.server.processes.child import run_apart
from flowship.until import until


def test_how_it_ended_is_known() -> None:
    child = run_apart(partial(sys.exit, 7))
    child.wait(10)

    assert child.ended()
    assert child.status == 7


def test_one_that_somebody_else_has_asked_for_has_ended_nobody_knows_how() -> None:
    child = run_apart(lambda: None)
    os.waitpid(child.pid, 0)

    assert child.ended()
    assert child.status is None


def test_waiting_ends_with_its_limit() -> None:
    child = run_apart(partial(time.sleep, 60))
    child.wait(0.01)

    assert not child.ended()

    child.ask(signal.SIGKILL)
    child.wait(10)

    assert child.status == -signal.SIGKILL
    child.ask(signal.SIGTERM)  # which goes to nobody


def test_a_fork_has_the_signals_of_a_new_program() -> None:
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        child = run_apart(partial(time.sleep, 60))

        def ends_when_asked() -> bool:
            child.ask(signal.SIGTERM)
            return child.ended()

        assert until(ends_when_asked, every=0.01, limit=10)
        assert child.status == -signal.SIGTERM
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_fork_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program = (
        "import os, pathlib, signal, time; from flowship.server.processes.child import run_apart; "
        f"pathlib.Path({str(note)!r}).write_text(str(run_apart(lambda: time.sleep(60)).pid)); "
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program], check=False)
    pid = int(note.read_text())

    assert until(lambda: not _lives(pid), every=0.01, limit=10)


def _lives(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
