"""Processor time and memory are read as the kernel writes them."""

from __future__ import annotations

from benchmarks.processes import CpuTimes, cpu_times, memory

STAT = (
    "4242 (a (name) x 7) S 1 4242 4242 0 -1 4194560 1000 2000 0 0 "
    "150 50 1000 500 20 0 4 0 12345 100000000 5000 18446744073709551615"
)
ROLLUP = """\
55d0c0a00000-7ffd3b3e9000 ---p 00000000 00:00 0                          [rollup]
Rss:              123456 kB
Pss:               61728 kB
Pss_Dirty:         50000 kB
Private_Clean:      1024 kB
Private_Dirty:     40960 kB
"""


def test_processor_time_is_that_of_the_process_and_of_those_it_waited_for() -> None:
    assert cpu_times(STAT, ticks=100) == CpuTimes(own=2.0, reaped=15.0)


def test_memory_is_read_in_bytes_and_by_its_whole_name() -> None:
    assert memory(ROLLUP) == 61728 * 1024
    assert memory(ROLLUP, "Private_Dirty") == 40960 * 1024


def test_a_process_that_is_ending_has_no_memory() -> None:
    assert memory("") == 0
