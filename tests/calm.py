"""A clock for limits that hold on a busy machine too: it stands still while some process waits for a processor.

On an idle machine it is `time.monotonic`. Under load a test proves less by it, but does not fail for what others do.
"""

from __future__ import annotations

import contextlib
import re
import time
from pathlib import Path

_PRESSURE = Path("/proc/pressure/cpu")


def calm() -> float:
    """Seconds, of which only differences mean something, in which no process waited for a processor."""
    waited = 0
    with contextlib.suppress(OSError):  # a kernel that does not tell
        waited = int(re.findall(r"^some .*total=(\d+)$", _PRESSURE.read_text(), re.M)[0])
    return time.monotonic() - waited / 1e6
