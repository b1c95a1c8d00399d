"""What ends a benchmark: a measurement that would not be one."""

from __future__ import annotations


class BenchmarkError(Exception):
    """A server did not do what is measured; the message says what it did instead."""
