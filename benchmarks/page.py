"""The docs' page on performance: its picture, and between two marks a table of each part of the benchmark.

Parts are seldom measured together, since all of them take more than an hour of a quiet machine. So the figures of each
are kept beside this module, and the page is written from all that are kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bars import PARTS, Verdict, judge
from benchmarks.chart import description, svg
from benchmarks.errors import BenchmarkError
from benchmarks.plan import FULL
from benchmarks.results import Results, merged, read
from benchmarks.table import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DOCS = Path(__file__).parents[1] / "docs"
PUBLISHED = Path(__file__).with_name("published")
"""The figures of each part, as `Results.write` leaves them."""
PAGE = Path("explanation") / "performance.md"
PICTURE = Path("images") / "performance.svg"
BEGIN = "<!-- figures. Written by `make bench ARGS=--publish`; do not edit. -->"
END = "<!-- end of the figures -->"
TITLES = {
    "start": "Start and rest",
    "throughput": "Requests a second",
    "fasttrackml": "Beside FastTrackML",
    "users": "With users, beside the same without",
    "signing-in": "By a session or a token, beside a password",
    "crowd": "A crowd",
    "searches": "Searches of a large experiment",
    "loss": "Requests lost",
    "memory": "Memory under load",
    "moving": "Metrics moved",
}


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


def figures(published: Mapping[str, Results]) -> str:
    """Picture and tables, as the page has them, of parts by their names."""
    whole = merged([*published.values()])
    tables = (f"### {TITLES[part]}\n\n{markdown(published[part])}" for part in PARTS if part in published)
    return f"![{description(whole)}](../images/{PICTURE.name})\n\n" + "\n".join(tables)


def publish(measured: Sequence[Results], docs: Path = DOCS, published: Path = PUBLISHED) -> None:
    """Keep the figures of each part that was measured, and write picture and tables of all that are kept.

    Raises:
        BenchmarkError: a part was not measured whole, or elsewhere than the others that are kept.
    """
    found = {part: one for results in measured for part, one in _by_part(results)}
    kept = {file.stem: read(file) for file in sorted(published.glob("*.json"))} | found
    text = figures(kept)
    page = with_figures((docs / PAGE).read_text(), text)
    for part, results in found.items():
        results.write(published / f"{part}.json")
    (docs / PICTURE).write_text(svg(merged([*kept.values()])))
    (docs / PAGE).write_text(page)


def _by_part(results: Results) -> Iterator[tuple[str, Results]]:
    """Give what was measured of each part; notes stay with the first.

    Raises:
        BenchmarkError: there are too few runs, or a part is not whole.
    """
    if results.plan["rounds"] < FULL.rounds:
        raise BenchmarkError(
            f"Figures of {results.plan['rounds']} runs prove nothing and are not published. Run without --quick."
        )
    if results.failures:
        raise BenchmarkError(f"Nothing is published, since not everything was measured: {results.failures[0]}.")
    notes = results.notes
    for part, bars in PARTS.items():
        missing = [bar.title for bar in bars if judge(bar, results).verdict is Verdict.MISSING]
        if len(missing) == len(bars):
            continue
        if missing:
            raise BenchmarkError(
                f"Nothing is published, since not all of {part} was measured: {missing[0]} is missing."
            )
        samples = {measure: results.samples[measure] for measure in dict.fromkeys(bar.measure for bar in bars)}
        yield part, Results(results.plan, results.machine, samples, notes)
        notes = []
