"""A process that was forked from this one: how it begins, is asked, waited for and found to have ended."""

from __future__ import annotations

import contextlib
import gc
import logging
import math
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, NoReturn

from flowship.until import until

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_logger = logging.getLogger(__name__)

LOOK = 0.05
"""Seconds between looks whether a process has ended."""


class Child:
    """Knows one process that was forked, until it has ended."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.status: int | None = None
        """How it ended: its exit status, or the negative number of the signal that killed it. None while it runs, and
        when somebody else has asked for it, as gunicorn does for all processes."""
        self._gone = False

    def ended(self) -> bool:
        """Tell whether it has ended."""
        if not self._gone:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                self._gone = True
            else:
                self._gone = bool(pid)
                self.status = os.waitstatus_to_exitcode(status) if pid else None
        return self._gone

    def wait(self, limit: float = math.inf) -> None:
        """Return when it has ended, or after `limit` seconds."""
        until(self.ended, every=LOOK, limit=limit)

    def ask(self, signum: int) -> None:
        """Send it a signal, if it runs."""
        if not self._gone:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signum)


def fork() -> Child | None:
    """Fork this process, into a session of its own, so that Ctrl-C reaches it once, through us. Returns None in the new
    one, which ends as a program does when a signal asks it to."""
    if pid := os.fork():
        return Child(pid)
    os.setsid()
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, end)
    return None


def end(signum: int, frame: FrameType | None) -> NoReturn:
    """End as any program does that is asked to: the first process of a container would ignore the signal."""
    raise SystemExit(128 + signum)


def run_apart(work: Callable[[], None]) -> Child:
    """Run a function in a new process, with signals as a new program has them.

    It ends with this one, even if that is killed.
    """
    parent = os.getpid()
    if pid := os.fork():
        return Child(pid)
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
