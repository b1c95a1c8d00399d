"""What a server costs, all its processes together: processor time, of ended ones too, and memory.

Processor time of an ended process is added to the process that waits for it. One whose parent has ended is waited for
by the tree's root, which `benchmarks.subreaper` is, so nothing that the server ever started is missed.
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from tests.integration.servers.process import family

TICKS = os.sysconf("SC_CLK_TCK")
"""Ticks in a second, in which the kernel counts processor time."""


@dataclass(frozen=True)
class CpuTimes:
    """Processor time of a process, in seconds."""

    own: float
    reaped: float
    """That of its descendants which have ended and were waited for."""


def cpu_times(stat: str, ticks: int = TICKS) -> CpuTimes:
    """Read /proc/PID/stat; see proc(5): utime is the 14th field, and the second one may hold spaces and brackets."""
    utime, stime, cutime, cstime = map(int, stat.rpartition(")")[2].split()[11:15])
    return CpuTimes((utime + stime) / ticks, (cutime + cstime) / ticks)


def memory(rollup: str, name: str = "Pss") -> int:
    """A figure of /proc/PID/smaps_rollup, in bytes. Pss counts a page that n processes share as an nth of a page."""
    found = re.search(rf"^{name}:\s+(\d+) kB$", rollup, re.M)
    return int(found[1]) * 1024 if found else 0  # a process that is ending has none


@dataclass(frozen=True)
class Tree:
    """A server's processes: all descendants of a `benchmarks.subreaper`, which itself is not counted."""

    root: int

    def pids(self) -> list[int]:
        return family(self.root)[1:]

    def cpu_seconds(self) -> float:
        """Processor time of all that live and all that have ended."""
        total = cpu_times(_read(self.root, "stat")).reaped
        for pid in self.pids():
            if stat := _read(pid, "stat"):
                times = cpu_times(stat)
                total += times.own + times.reaped
        return total

    def pss(self) -> int:
        """Bytes of memory, shared pages counted once."""
        return sum(pss(pid) for pid in self.pids())


def pss(pid: int) -> int:
    """Bytes of memory of one process; 0 once it has ended."""
    return memory(_read(pid, "smaps_rollup"))


def _read(pid: int, name: str) -> str:
    with contextlib.suppress(OSError):
        return (Path("/proc") / str(pid) / name).read_text(errors="replace")
    return ""
