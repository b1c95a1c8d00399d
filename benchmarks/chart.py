"""The figures as a picture: an SVG written by hand, readable on light and on dark pages.

Each measure has a group of bars, one for each contestant, long as the figure is. Measures of a panel have units of
their own, so the longest bar of each group fills the panel's width.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from benchmarks import fasttrackml, rounds, with_users
from benchmarks.bars import BARS, judge
from benchmarks.calls import CALLS
from benchmarks.table import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.bars import Unit
    from benchmarks.medians import Summary
    from benchmarks.results import Results

WIDTH = 860
MARGIN = 28
LABELS = 192
"""Width of the column of names left of the bars."""
VALUES = 124
"""Width kept free right of the longest bar for its value."""
BAR, GAP, GROUP_GAP = 15, 4, 17
"""Height of a bar, and what is left free below it, and below a group."""
TITLE, LEGEND = 64, 30

STYLE = """
  .page { fill: #ffffff; stroke: #d8dee6 }
  text { font: 13px system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: #1f2733 }
  .title { font-size: 17px; font-weight: 600 }
  .small, .value { fill: #5a6675; font-size: 12px }
  .ours { fill: #1f2733; font-weight: 600 }
  .axis { stroke: #d8dee6 }
  .spread { stroke: #1f2733; stroke-opacity: .7; stroke-width: 1.2 }
  .mlflow { fill: #aab4c0 } .mlflow-auth { fill: #d9a441 }
  .flowship { fill: #1667c7 } .flowship-admin { fill: #4c95e6 } .flowship-user { fill: #93c1f3 }
  .flowship-ldap { fill: #1f8a70 } .flowship-asking { fill: #8fcbbb } .fasttrackml { fill: #8a6fb8 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #151b23; stroke: #313a46 }
    text { fill: #e7ecf2 }
    .small, .value { fill: #a3afbd }
    .ours { fill: #e7ecf2 }
    .axis { stroke: #313a46 }
    .spread { stroke: #e7ecf2 }
    .mlflow { fill: #6d7885 } .mlflow-auth { fill: #c08a2c }
    .flowship { fill: #4d9bf0 } .flowship-admin { fill: #3577c4 } .flowship-user { fill: #28568c }
    .flowship-ldap { fill: #35b08f } .flowship-asking { fill: #235f50 } .fasttrackml { fill: #a58ad6 }
  }
"""

COLOURS = {
    rounds.MLFLOW: "mlflow",
    rounds.FLOWSHIP: "flowship",
    rounds.FLOWSHIP_ADMIN: "flowship-admin",
    with_users.FLOWSHIP_PLAIN: "flowship-user",
    rounds.MLFLOW_ADMIN: "mlflow-auth",
    with_users.FLOWSHIP_LDAP: "flowship-ldap",
    with_users.FLOWSHIP_ASKING: "flowship-asking",
    fasttrackml.FASTTRACKML: "fasttrackml",
}


@dataclass(frozen=True)
class Group:
    """The bars of one measure."""

    label: str
    unit: Unit
    bars: dict[str, Summary]
    """By contestant, from top to bottom."""

    @property
    def height(self) -> int:
        return len(self.bars) * (BAR + GAP) + GROUP_GAP


@dataclass(frozen=True)
class Panel:
    """Groups under one title."""

    title: str
    subtitle: str
    groups: list[Group]

    @property
    def contestants(self) -> list[str]:
        """All that have a bar, in the order of the legend."""
        return [name for name in COLOURS if any(name in group.bars for group in self.groups)]

    @property
    def height(self) -> int:
        return TITLE + LEGEND + sum(group.height for group in self.groups)


def panels(results: Results) -> list[Panel]:
    """What there is to draw."""
    start = [bar for bar in BARS if bar.measure in {rounds.FIRST_ANSWER, rounds.CPU, rounds.MEMORY}]
    drawn = [
        Panel(
            "Start and rest",
            f"{results.plan['workers']} workers, PostgreSQL; shorter is better",
            [_group(results, bar.title, bar.measure, bar.unit) for bar in start],
        ),
        Panel(
            "Requests per second",
            f"{results.plan['connections']} connections; longer is better",
            [_group(results, call, call, "/s") for call in CALLS],
        ),
        Panel(
            "Requests per second beside FastTrackML",
            f"{results.plan['connections']} connections, each with a run of its own; longer is better",
            [_group(results, call, measure, "/s") for call, measure in fasttrackml.MEASURES.items()],
        ),
        Panel(
            "Requests per second with users",
            f"{results.plan.get('users')} plain users, in turn on each of {results.plan['connections']} connections; "
            "longer is better",
            [_group(results, call, measure, "/s") for call, measure in with_users.MEASURES.items()],
        ),
    ]
    return [panel for panel in drawn if panel.contestants]


def _group(results: Results, label: str, measure: str, unit: Unit) -> Group:
    found = {name: results.summary(measure, name) for name in COLOURS}
    return Group(label, unit, {name: one for name, one in found.items() if one is not None})


def svg(results: Results) -> str:
    """The whole picture."""
    drawn = panels(results)
    height = sum(panel.height for panel in drawn) + MARGIN + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-labelledby="title">',
        f'<title id="title">{escape(description(results))}</title>',
        f"<style>{STYLE}</style>",
        f'<rect class="page" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="10"/>',
    ]
    top = 8
    for panel in drawn:
        parts += _panel(panel, top)
        top += panel.height
    machine = results.machine
    parts.append(_text(MARGIN, height - 16, _foot(machine, results.plan), "small"))
    return "\n".join([*parts, "</svg>", ""])


def description(results: Results) -> str:
    """What the picture says, for those who cannot see it."""
    found = [judge(bar, results) for bar in BARS if bar.theirs == rounds.MLFLOW and bar.ours == rounds.FLOWSHIP]
    ratios = [f"{one.bar.title} {one.ratio:.2f}" for one in found if one.ratio is not None]
    return f"Flowship beside MLflow, as multiples of MLflow: {'; '.join(ratios)}."


def _foot(machine: dict[str, object], plan: dict[str, object]) -> str:
    return (
        f"MLflow {machine['mlflow']}, {machine['cores']} cores, medians of {plan['rounds']} alternating runs; "
        f"the line on a bar spans the middle half of the runs. {machine['date']}"
    )


def _panel(panel: Panel, top: int) -> Iterator[str]:
    yield _text(MARGIN, top + 34, panel.title, "title")
    yield _text(MARGIN, top + 54, panel.subtitle, "small")
    yield from _legend(panel.contestants, top + TITLE + 12)
    top += TITLE + LEGEND
    for group in panel.groups:
        yield from _bars(group, top)
        top += group.height


def _legend(contestants: Sequence[str], top: int) -> Iterator[str]:
    left = MARGIN
    for name in contestants:
        yield f'<rect class="{COLOURS[name]}" x="{left}" y="{top - 10}" width="11" height="11" rx="2"/>'
        yield _text(left + 17, top, name, "small")
        left += 17 + round(6.3 * len(name)) + 20


def _bars(group: Group, top: int) -> Iterator[str]:
    left = MARGIN + LABELS
    room = WIDTH - left - VALUES - MARGIN
    longest = max((one.high for one in group.bars.values()), default=0) or 1
    theirs = group.bars.get(rounds.MLFLOW) or group.bars.get(rounds.FLOWSHIP)
    for place, (name, one) in enumerate(group.bars.items()):
        y = top + place * (BAR + GAP)
        length = max(one.median / longest * room, 1.5)
        yield f'<rect class="{COLOURS[name]}" x="{left}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2"/>'
        end = left + max(length, one.high / longest * room)
        yield from _spread(left + one.low / longest * room, left + one.high / longest * room, y)
        style = "value" if name in {rounds.MLFLOW, rounds.MLFLOW_ADMIN} else "value ours"
        yield _text(end + 7, y + 12, _value(one, group.unit, None if one is theirs else theirs), style)
    bottom = top + len(group.bars) * (BAR + GAP) - GAP
    yield f'<path class="axis" d="M{left - 0.5} {top - 3}V{bottom + 3}"/>'
    yield _text(left - 12, (top + bottom) / 2 + 4.5, group.label, "", anchor="end")


def _spread(low: float, high: float, y: float) -> Iterator[str]:
    """A line from quartile to quartile, unless they are too near to each other to be seen apart."""
    if high - low >= 2:
        tick = f"{y + 4}v{BAR - 8}"
        yield f'<path class="spread" d="M{low:.1f} {y + BAR / 2}H{high:.1f}M{low:.1f} {tick}M{high:.1f} {tick}"/>'


def _value(one: Summary, unit: Unit, theirs: Summary | None) -> str:
    value = number(one.median, unit)
    if theirs is None or not theirs.median:
        return value
    return f"{value}  ({one.median / theirs.median:.2f}\N{MULTIPLICATION SIGN})"


def _text(x: float, y: float, text: str, style: str, anchor: str = "start") -> str:
    named = f' class="{style}"' if style else ""
    placed = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:g}" y="{y:g}"{named}{placed}>{escape(text)}</text>'
