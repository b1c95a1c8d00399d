"""Processes beside the workers, forked from the same parent and kept alive: the inner port, the jobs."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

_logger = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds before one that ended is started again, so that one that cannot start does not keep the machine busy."""


class Companion:
    """A process that runs a function and is started again when it ends; with `once`, only until it succeeds."""

    def __init__(self, name: str, work: Callable[[], None], *, once: bool = False) -> None:
        self.name = name
        self._work = work
        self._once = once
        self._pid: int | None = None
        self._done = False
        self._started = float("-inf")

    def keep(self) -> None:
        """Start it if it should run and does not."""
        if self._done or self.running() or time.monotonic() - self._started < PAUSE:
            return
        self._started = time.monotonic()
        self._pid = fork(self._work)

    def running(self) -> bool:
        """Whether its process is there; reaps it when it has ended, unless whoever reaps all children did."""
        if self._pid is None:
            return False
        try:
            ended, status = os.waitpid(self._pid, os.WNOHANG)
        except ChildProcessError:
            ended, status = self._pid, None
        if not ended:
            return True
        self._pid = None
        self._done = self._once and status == 0
        if not self._done:
            _logger.warning("%s ended by itself and will be started again", self.name)
        return False

    def end(self, signum: int = signal.SIGTERM) -> None:
        """Send it a signal, if it runs."""
        if self.running() and self._pid is not None:
            os.kill(self._pid, signum)


def fork(work: Callable[[], None]) -> int:
    """Run a function in a new process, with signals as a new program has them, and return its number.

    It ends with this one, even if that is killed.
    """
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR1):
        signal.signal(signum, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the main process decides
    gc.enable()
    end_with_parent(parent)
    return _run(work)


def _run(work: Callable[[], None]) -> NoReturn:
    status = 1
    try:
        work()
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException:
        _logger.exception("a process beside the workers failed")
    finally:
        sys.stderr.flush()
        os._exit(status)  # what the parent registered for its own end is not ours to run


def end_with_parent(parent: int) -> None:
    """Ask this process to end when its parent is gone, even if that was killed."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="flowship-parent-watch", daemon=True).start()
