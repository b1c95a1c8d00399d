"""Processes of Flowship, and of modules of the tests, begun without importing everything again for each: a server costs
a third of its start then, a client a fifth.

They are forked from one process that has imported what costs most (`preloaded`); each has the environment, directory,
session and files that it would have as a program. One becomes the real program where a variable of its own was read
before, or may be read as Python starts, and where a test asks for that.
"""

from __future__ import annotations

import atexit
import ctypes
import logging
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from logging import NullHandler
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tests.integration.servers.process import REPOSITORY
from tests.processes import PRELOADED, PROCESSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PR_SET_PDEATHSIG = 1
_SERVES = {"up", "serve"}


@dataclass(frozen=True)
class Beginning:
    """How a process begins."""

    command: tuple[str, ...]
    """The program, its command and its arguments."""
    directory: Path
    environ: Mapping[str, str]
    decides: frozenset[str]
    """The names of the variables that are there for it alone, or that its values bring."""
    program: bool
    """Begin as the real program, whatever the variables are."""


class Forked:
    """A process that was forked, with what tests use of `subprocess.Popen`."""

    def __init__(self, beginning: Beginning, files: Sequence[Path]) -> None:
        """`files` are its stdin, stdout and stderr."""
        self._command = beginning.command
        self._process = PROCESSES.Process(target=_begin, args=(beginning, tuple(map(str, files))))
        self._process.start()
        assert self._process.pid
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Its exit status, or the negative number of the signal that ended it; None while it runs."""
        return self._process.exitcode

    def wait(self, limit: float | None = None) -> int:
        """The status with which it has ended.

        Raises:
            subprocess.TimeoutExpired: it did not end within the limit.
        """
        self._process.join(limit)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired(self._command, limit or 0)
        return status

    def send_signal(self, signum: int) -> None:
        """Send a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, signum)


def run_forked(beginning: Beginning, given: str, limit: float) -> subprocess.CompletedProcess[str]:
    """Run a command to its end.

    Raises:
        subprocess.TimeoutExpired: it did not end within the limit.
    """
    with tempfile.TemporaryDirectory() as folder:
        stdin, stdout, stderr = (Path(folder, name) for name in ("stdin", "stdout", "stderr"))
        stdin.write_text(given)
        process = Forked(beginning, [stdin, stdout, stderr])
        try:
            status = process.wait(limit)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            raise
        return subprocess.CompletedProcess(beginning.command, status, stdout.read_text(), stderr.read_text())


def run_module(
    name: str,
    *arguments: str,
    environ: Mapping[str, str] | None = None,
    directory: Path = REPOSITORY,
    limit: float = 300.0,
) -> subprocess.CompletedProcess[str]:
    """Run a module of the tests to its end, as `python -m` does; its environment is this one, or is given whole.

    Raises:
        subprocess.TimeoutExpired: it did not end within the limit.
    """
    environ = os.environ if environ is None else environ
    # A home of its own is for what a client keeps there, and is looked for then.
    own = frozenset(key for key, value in environ.items() if os.environ.get(key) != value) - {"HOME"}
    command = (sys.executable, "-m", name, *arguments)
    return run_forked(Beginning(command, directory, dict(environ), own, program=False), "", limit)


def _begin(beginning: Beginning, files: tuple[str, ...]) -> NoReturn:
    assert PRELOADED in sys.modules, f"{PRELOADED} was not imported before"
    os.setsid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)  # when the tests are killed, it is asked to end
    os.chdir(beginning.directory)
    for number, file in enumerate(files):
        opened = os.open(file, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    command = beginning.command
    if beginning.program or _was_decided(beginning.decides):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execvpe(command[0], command, dict(beginning.environ))  # noqa: S606 - no shell is wanted
    _become_the_program(command, beginning.environ)
    try:
        _run(command)
        sys.exit()
    finally:
        atexit._run_exitfuncs()  # multiprocessing leaves them out


def _run(command: Sequence[str]) -> None:
    """Run the module, or the command of Flowship."""
    if command[1] == "-m":
        sys.path.insert(0, str(REPOSITORY))
        sys.argv = list(command[2:])
        runpy.run_module(command[2], run_name="__main__", alter_sys=True)
    else:
        from flowship.cli.app import main

        main()


def _was_decided(names: frozenset[str]) -> bool:
    """Tell whether one of these variables has had its effect before this process was forked."""
    from flowship.server.this_process import takes_a_new_process
    from tests.preloaded import READ

    return bool(names & READ) or takes_a_new_process(names)


def _become_the_program(command: Sequence[str], environ: Mapping[str, str]) -> None:
    """Make this process what the program is after its first imports."""
    os.environ.clear()
    os.environ.update(environ)
    tempfile.tempdir = None
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - as long as the process
    sys.argv = list(command)
    sys.path[:] = [str(Path(command[0]).parent), *(path for path in sys.path if path not in {"", str(REPOSITORY)})]
    if command[1] in _SERVES:  # they configure logging before they import MLflow, which then leaves it alone
        for logger in logging.root.manager.loggerDict.values():
            if isinstance(logger, logging.Logger) and not {type(each) for each in logger.handlers} <= {NullHandler}:
                logger.handlers.clear()
                logger.setLevel(logging.NOTSET)
                logger.propagate = True
