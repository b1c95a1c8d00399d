"""What is to be written to a run, as rows of MLflow's tables."""

from __future__ import annotations

from typing import NamedTuple


class Point(NamedTuple):
    """One value of a metric, as it is kept."""

    key: str
    value: float
    timestamp: int
    step: int
    is_nan: bool


class Writes(NamedTuple):
    """What is to be written to one run."""

    run_id: str
    points: tuple[Point, ...] = ()
    params: tuple[tuple[str, str], ...] = ()
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def rows(self) -> int:
        """How many rows that are."""
        return len(self.points) + len(self.params) + len(self.tags)
