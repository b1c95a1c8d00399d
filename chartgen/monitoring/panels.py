"""What a dashboard shows, apart from how Grafana writes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["timeseries", "stat", "heatmap"]

TARGET = "$target"
"""Stands in an expression for the labels of the servers that are meant."""


@dataclass(frozen=True)
class Query:
    """An expression, and the name of each series that it finds."""

    expression: str
    legend: str = ""


@dataclass(frozen=True)
class Panel:
    """A picture with its expressions."""

    title: str
    text: str
    """What it tells, and when it is bad."""
    unit: str
    """Grafana's name of the unit."""
    queries: tuple[Query, ...]
    kind: Kind = "timeseries"
    stacked: bool = False
    most: float | None = None
    """What the axis ends at."""
    steps: tuple[tuple[float, str], ...] = ()
    """From which value on it has another colour."""
    by_name: bool = False
    """Whether it shows the names of its series, not their values."""


@dataclass(frozen=True)
class Dashboard:
    """Panels in rows, of which those of a kind are beside each other."""

    uid: str
    title: str
    text: str
    rows: tuple[tuple[str, tuple[Panel, ...]], ...]

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All of them."""
        return tuple(panel for _, panels in self.rows for panel in panels)


def panel(title: str, unit: str, text: str, *queries: tuple[str, str]) -> Panel:
    """Make one with lines over time."""
    return Panel(title, text, unit, tuple(Query(*query) for query in queries))


def stat(title: str, unit: str, text: str, expression: str, *steps: tuple[float, str], legend: str = "") -> Panel:
    """Make one with a number of now."""
    return Panel(title, text, unit, (Query(expression, legend),), "stat", steps=steps, by_name=bool(legend))
