"""A server in a fork of this process, which stays beside it: `flowship up`."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import time
import urllib.request
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

LOOK = 0.05
"""Seconds between looks whether the server has ended or answers."""
FORCED_AFTER = 15.0
"""Seconds beyond what the values allow for a graceful end."""


class Forked:
    """A fork of this process, in a session of its own, so that Ctrl-C reaches it once, through us."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.status: int | None = None
        """How it ended, None while it runs: its exit status, or the negative number of the signal that killed it."""

    def ended(self) -> bool:
        """Whether it has ended."""
        if self.status is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # a signal of ours came between an earlier look and what it found
                pid, status = self.pid, 0
            self.status = os.waitstatus_to_exitcode(status) if pid else None
        return self.status is not None

    def wait(self, limit: float = math.inf) -> None:
        """Return when it has ended, or after `limit` seconds."""
        deadline = time.monotonic() + limit
        while not self.ended() and time.monotonic() < deadline:
            time.sleep(LOOK)

    def ask(self, signum: int) -> None:
        """Send it a signal, if it runs."""
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signum)


def fork() -> Forked | None:
    """Fork this process. Returns None in the new one, which ends as a program does when a signal asks it to."""
    if pid := os.fork():
        return Forked(pid)
    os.setsid()
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, end)
    return None


def end(signum: int, frame: FrameType | None) -> NoReturn:
    """End as any program does that is asked to: the first process of a container would ignore the signal."""
    raise SystemExit(128 + signum)


def answers(server: Forked, url: str) -> bool:
    """Wait for the first answer. False when the server ended before."""
    directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while not server.ended():
        try:
            with directly.open(url, timeout=5):
                return True
        except OSError:  # urllib.error.URLError is one
            time.sleep(LOOK)
    return False


def stop(server: Forked, signum: int, limit: float) -> None:
    """End the server and everything it started: asked by a signal, and forced after `limit` seconds.

    Another Ctrl-C meanwhile asks once more, which ends it at once.
    """
    with _handing_over_to(server, signum):
        server.ask(signum)
        server.wait(limit)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


@contextlib.contextmanager
def _handing_over_to(server: Forked, signum: int) -> Iterator[None]:
    """Ask the server once more for each signal that asks this process to end."""
    asking = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(each, lambda *_: server.ask(signum)) for each in asking]
    try:
        yield
    finally:
        for each, handler in zip(asking, before, strict=True):
            signal.signal(each, handler)
