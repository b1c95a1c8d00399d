"""Run a command, and wait for all that it ever starts: the root of a tree whose processor time is measured.

    python -m benchmarks.subreaper COMMAND...

A process whose parent has ended becomes this one's child instead of init's, so its processor time is not lost. Signals
to end are passed on to the command, whose exit status becomes this one's.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


def main(command: Sequence[str]) -> int:
    """Run the command; gives its exit status once it and everything else below has ended."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl: cannot become a subreaper")
    # When this process is killed, the command is asked to end.
    child = os.posix_spawnp("setpriv", ["setpriv", "--pdeathsig", "TERM", "--", *command], os.environ)

    def pass_on(number: int, frame: FrameType | None) -> None:
        os.kill(child, number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, pass_on)
    status = 1
    while True:
        try:
            pid, ended = os.wait()
        except ChildProcessError:
            return status
        if pid == child:
            status = os.waitstatus_to_exitcode(ended)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
