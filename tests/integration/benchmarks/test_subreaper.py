"""Nothing that a measured server ever started is missed, whichever process it belonged to."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks.processes import Tree
from benchmarks.sides import SUBREAPER
from tests.calm import calm
from tests.integration.servers.process import wait_until_answered

if TYPE_CHECKING:
    from collections.abc import Iterator

BURN = "import time\nwhile time.process_time() < 0.5: pass\n"
"""Uses half a second of a core."""
ORPHAN = f"""\
import os, sys, time
if os.fork() == 0:
    if os.fork() == 0:
        exec({BURN!r})
        os._exit(0)
    os._exit(0)
os.wait()
print("started", flush=True)
time.sleep(60)
"""
"""Starts a process that starts another and ends at once; the other one uses half a second of a core, and ends."""


@contextmanager
def under_a_subreaper(*command: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-S", SUBREAPER, *command], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def test_processor_time_of_an_ended_orphan_is_counted() -> None:
    with under_a_subreaper(sys.executable, "-c", ORPHAN) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        tree = Tree(process.pid)

        def only_the_command_is_left() -> None:
            assert len(tree.pids()) == 1

        wait_until_answered(only_the_command_is_left, limit=30, alive=lambda: True, complaint=lambda: "it never ended")

        assert 0.4 < tree.cpu_seconds() < 1.5


def test_memory_is_that_of_all_processes_but_the_subreaper() -> None:
    hold = "import signal\nheld = b'x' * 50_000_000\nprint(1, flush=True)\nsignal.pause()"
    with under_a_subreaper(sys.executable, "-c", hold) as process:
        assert process.stdout is not None
        process.stdout.readline()

        assert 50e6 < Tree(process.pid).pss() < 70e6


def test_the_exit_status_is_the_command_s() -> None:
    assert subprocess.run([sys.executable, "-S", SUBREAPER, "sh", "-c", "exit 7"], check=False).returncode == 7


def test_a_signal_to_end_is_passed_on() -> None:
    wait = "import signal, sys\nsignal.signal(15, lambda *_: sys.exit(3))\nprint(1, flush=True)\nsignal.pause()"
    with under_a_subreaper(sys.executable, "-c", wait) as process:
        assert process.stdout is not None
        process.stdout.readline()
        began = calm()
        process.send_signal(signal.SIGTERM)

        assert process.wait(20) == 3
        assert calm() - began < 10
