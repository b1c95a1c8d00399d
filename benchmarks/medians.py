"""Medians, their spread, and when a difference is none (docs/explanation/decisions.md)."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Summary:
    """Runs of one side in three numbers."""

    median: float
    low: float
    """A quarter of the runs is below."""
    high: float
    """A quarter of the runs is above."""

    @property
    def spread(self) -> float:
        return self.high - self.low


def summary(samples: Sequence[float]) -> Summary:
    """The median, and the quartiles around it."""
    if len(samples) == 1:
        return Summary(samples[0], samples[0], samples[0])
    low, median, high = statistics.quantiles(samples, n=4, method="inclusive")
    return Summary(median, low, high)


def is_tie(ours: Summary, theirs: Summary) -> bool:
    """Whether the medians differ by no more than the runs of the less steady side do among themselves."""
    return abs(ours.median - theirs.median) <= max(ours.spread, theirs.spread)


def ratio(ours: Summary, theirs: Summary) -> float:
    """Ours as a multiple of theirs."""
    return ours.median / theirs.median
