"""What `flowship up` does beside its server: it waits for the first answer, and ends the server when it is asked to."""

from __future__ import annotations

import contextlib
import os
import signal
import urllib.request
from typing import TYPE_CHECKING

from flowship.until import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowship.server.processes.child import Child

LOOK = 0.05
"""Seconds between looks whether the server answers."""
FORCED_AFTER = 15.0
"""Seconds beyond what the values allow for a graceful end."""


def answers(server: Child, url: str) -> bool:
    """Wait for the first answer. False when the server ended before."""
    directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    answered = False

    def decided() -> bool:
        nonlocal answered
        with contextlib.suppress(OSError), directly.open(url, timeout=5):  # urllib.error.URLError is one
            answered = True
        return answered or server.ended()

    until(decided, every=LOOK)
    return answered


def stop(server: Child, signum: int, limit: float) -> None:
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
def _handing_over_to(server: Child, signum: int) -> Iterator[None]:
    """Ask the server once more for each signal that asks this process to end."""
    asking = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(each, lambda *_: server.ask(signum)) for each in asking]
    try:
        yield
    finally:
        for each, handler in zip(asking, before, strict=True):
            signal.signal(each, handler)
