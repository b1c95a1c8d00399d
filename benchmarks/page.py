"""The docs' page on performance: its picture, and its table between two marks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bars import BARS, Verdict, judge
from benchmarks.chart import description, svg
from benchmarks.errors import BenchmarkError
from benchmarks.plan import FULL
from benchmarks.table import markdown

if TYPE_CHECKING:
    from benchmarks.results import Results

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "explanation" / "performance.md"
PICTURE = DOCS / "images" / "performance.svg"
BEGIN = "<!-- figures. Written by `make bench ARGS=--publish`; do not edit. -->"
END = "<!-- end of the figures -->"


def with_figures(page: str, text: str) -> str:
    """The page with these figures between its marks.

    Raises:
        BenchmarkError: a mark is missing.
    """
    before, begun, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise BenchmarkError(f"{PAGE}: the figures have no place. Write these two lines there:\n{BEGIN}\n{END}")
    return f"{before}{BEGIN}\n\n{text}\n{END}{after}"


def figures(results: Results) -> str:
    """Picture and table, as the page has them."""
    return f"![{description(results)}](../images/{PICTURE.name})\n\n{markdown(results)}"


def publish(results: Results) -> None:
    """Write picture and table into the docs.

    Raises:
        BenchmarkError: the figures are not those of a whole benchmark.
    """
    if results.plan["rounds"] < FULL.rounds:
        raise BenchmarkError(
            f"Figures of {results.plan['rounds']} runs prove nothing and are not published. Run without --quick."
        )
    missing = [bar.title for bar in BARS if judge(bar, results).verdict is Verdict.MISSING]
    if missing:
        why = (
            results.failures[0]
            if results.failures
            else "run without --only, or name the results of the other parts too, with --from"
        )
        raise BenchmarkError(f"Not everything was measured, so nothing is published: {missing[0]} is missing ({why}).")
    PICTURE.write_text(svg(results))
    PAGE.write_text(with_figures(PAGE.read_text(), figures(results)))
