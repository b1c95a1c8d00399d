"""The figures as a table: for a terminal, and as Markdown for the docs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.bars import Judged, judged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.bars import Bar, Unit
    from benchmarks.medians import Summary
    from benchmarks.results import Results

HEAD = ("", "MLflow", "Flowship", "ratio", "bar", "")


def number(value: float, unit: Unit) -> str:
    """A figure with as many digits as mean something, and its unit."""
    if unit == "%":
        return f"{value * 100:.1f} %"
    if unit == "requests":
        return f"{value:.0f}"
    if unit == "CPU ms":
        value *= 1000
    if unit == "CPU µs":
        value *= 1_000_000
    if unit == "MB":
        return f"{value / 1e6:.0f} MB"
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f}{'' if unit == '/s' else ' '}{unit}"


def shown(found: Summary | None, unit: Unit) -> str:
    """The median, and half of the spread around it."""
    if found is None:
        return ""
    if not found.spread:
        return number(found.median, unit)
    return f"{number(found.median, unit)} ± {number(found.spread / 2, unit).removesuffix(unit).strip()}"


def limit(bar: Bar) -> str:
    """The bar that the figure must reach: a ratio, or an amount with its unit."""
    if bar.limit is None:
        return ""
    sign = "≤" if bar.limit.kind == "at most" else "≥"
    return f"{sign} {bar.limit.value:.2f}" if bar.theirs else f"{sign} {number(bar.limit.value, bar.unit)}"


def row(found: Judged) -> tuple[str, ...]:
    """One line's cells."""
    bar = found.bar
    return (
        bar.title,
        shown(found.theirs, bar.unit),
        shown(found.ours, bar.unit),
        "" if found.ratio is None else f"{found.ratio:.2f}",
        limit(bar),
        str(found.verdict),
    )


def terminal(results: Results) -> str:
    """The table in columns, then what should be known to judge it."""
    rows = [HEAD, *map(row, judged(results))]
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(HEAD))]
    lines = ["  ".join(_aligned(cells, widths)).rstrip() for cells in rows]
    return "\n".join([*lines, "", *about(results.machine, results.plan), *results.notes, *results.failures])


def markdown(results: Results) -> str:
    """The table for a page, and what should be known to judge it."""
    head = f"| {' | '.join(HEAD)} |\n|---|---:|---:|---:|---:|---|\n"
    rows = "".join(f"| {' | '.join(row(found))} |\n" for found in judged(results))
    ends = "\n".join([*about(results.machine, results.plan), *map(_item, results.notes)])
    return f"{head}{rows}\n{ends}\n"


def about(machine: dict[str, Any], plan: dict[str, Any]) -> list[str]:
    """Where and when it was measured."""
    return [
        f"Measured on {machine['date']}: {machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory'] / 1e9:.0f} GB; Python {machine['python']}, MLflow {machine['mlflow']}, "
        f"Flowship {machine['flowship']}, PostgreSQL on the same machine; load before it {machine['load']:.2f}.",
        f"{plan['workers']} workers, {plan['connections']} connections, medians of {plan['rounds']} alternating runs "
        "± half the distance between their quartiles.",
    ]


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others, last = zip(cells, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others), last[0].ljust(last[1])]


def _item(note: str) -> str:
    return f"\n- {note}."
