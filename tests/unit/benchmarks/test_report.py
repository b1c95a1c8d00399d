"""What a benchmark found reaches people whole: as a table, as a file, as a picture and in the docs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from benchmarks import growth, moving, rounds
from benchmarks.bars import PARTS
from benchmarks.chart import WIDTH, svg
from benchmarks.errors import BenchmarkError
from benchmarks.medians import Summary
from benchmarks.page import BEGIN, DOCS, END, PAGE, PICTURE, PUBLISHED, TITLES, figures, publish, with_figures
from benchmarks.results import Results, merged, read
from benchmarks.table import number, shown, terminal
from tests.unit.benchmarks.figures import results

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.bars import Unit

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (4.567, "s", "4.57 s"),
        (61.74, "CPU s", "61.7 CPU s"),
        (2216e6, "MB", "2216 MB"),
        (134.4, "/s", "134/s"),
        (0.041, "%", "4.1 %"),
        (0, "requests", "0"),
    ],
)
def test_a_figure_has_its_unit_and_no_more_digits_than_mean_something(value: float, unit: Unit, text: str) -> None:
    assert number(value, unit) == text


def test_a_spread_is_shown_beside_the_median() -> None:
    assert shown(Summary(134, 130, 136), "/s") == "134/s ± 3.00"
    assert shown(Summary(18.8, 18.8, 18.8), "s") == "18.8 s"


def test_the_table_says_each_figure_its_ratio_its_bar_and_the_verdict() -> None:
    lines = terminal(results()).splitlines()

    assert re.search(r"^Time to the first answer +18\.8 s ± 0\.02 +4\.61 s ± 0\.00 +0\.24 +≤ 0\.30 +met$", lines[1])
    assert re.search(r"^log-metric, no auth +102/s ± 1\.00 +1042/s ± 1\.00 +10\.22 +≥ 10\.00 +met$", lines[4])
    assert re.search(
        r"^log-metric, processor time of a request +10\.0 CPU ms +0\.96 CPU ms +0\.10 +reported$", lines[11]
    )
    assert any(re.search(r"^Lost while a server stops +130 +0 +≤ 0 +met$", line) for line in lines)
    assert any(it.startswith("Measured on 2026-11-24: A & B <fast>, 2 cores, 16 GB; Python 3.13.1") for it in lines)


def test_notes_and_failures_are_not_kept_back() -> None:
    noisy = results()
    noisy.notes.append("MLflow was not at rest 120 s after its start")
    noisy.failures.append("only 3 of 4 workers answered within 60 s")

    assert terminal(noisy).endswith("after its start\nonly 3 of 4 workers answered within 60 s")


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    results().write(tmp_path / "there" / "results.json")

    assert read(tmp_path / "there" / "results.json") == results()


def of(measures: list[str]) -> Results:
    """Results of some measures alone."""
    whole = results()
    return Results(whole.plan, whole.machine, {name: whole.samples[name] for name in measures})


def test_parts_that_were_measured_apart_are_merged() -> None:
    first, second = of([*results().samples][:3]), of([*results().samples][3:])
    del first.plan["users"]
    second.machine |= {"date": "2026-11-25", "load": 0.4}
    second.notes.append("MLflow was not at rest 120 s after its start")

    whole = merged([first, second])

    assert whole.samples == results().samples
    assert (whole.plan, whole.machine) == (results().plan, second.machine)
    assert whole.notes == second.notes
    assert merged([first]) == first


def test_results_that_do_not_belong_together_are_not_merged() -> None:
    other = of([rounds.CPU])
    other.machine["cores"] = 8
    with pytest.raises(BenchmarkError, match=r"Results that differ in cores \(2, 8\) cannot be merged"):
        merged([of([rounds.MEMORY]), other])

    with pytest.raises(BenchmarkError, match=r"Two of the files have figures of 'memory at rest'\. Name only one"):
        merged([of([rounds.MEMORY]), of([rounds.MEMORY])])


def test_the_picture_is_an_svg_with_every_bar_inside() -> None:
    root = ElementTree.fromstring(svg(results()))  # noqa: S314 - our own text
    bars = [bar for bar in root.iter(f"{SVG}rect") if bar.get("height") == "15"]

    assert root.tag == f"{SVG}svg"
    assert len(bars) == 3 * 2 + 7 * 4 + 5 * 2 + 7 * 5
    assert all(float(bar.get("x", 0)) + float(bar.get("width", 0)) < WIDTH for bar in bars)
    assert all(float(bar.get("y", 0)) + 15 < float(root.get("height", 0)) for bar in bars)


def test_bars_are_as_long_as_their_figures() -> None:
    root = ElementTree.fromstring(svg(results()))  # noqa: S314 - our own text
    bars = [bar for bar in root.iter(f"{SVG}rect") if bar.get("height") == "15"]
    theirs, ours = (float(bar.get("width", 0)) for bar in bars[:2])

    assert ours / theirs == pytest.approx(4.6 / 18.8, abs=0.005)


def test_the_picture_says_in_words_what_it_shows_and_is_drawn_for_dark_pages_too() -> None:
    picture = svg(results())

    assert "Time to the first answer 0.24; Processor time until at rest 0.08" in picture
    assert "@media (prefers-color-scheme: dark)" in picture


def test_a_part_alone_is_drawn_alone() -> None:
    alone = results()
    alone.samples = {rounds.CPU: alone.samples[rounds.CPU]}
    root = ElementTree.fromstring(svg(alone))  # noqa: S314 - our own text

    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert "Start and rest" in texts
    assert "Requests per second" not in texts


def in_docs(docs: Path) -> str:
    return (docs / PAGE).read_text()


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    for file in (PAGE, PICTURE):
        (tmp_path / "docs" / file).parent.mkdir(parents=True)
    (tmp_path / "docs" / PAGE).write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    return tmp_path / "docs"


def test_the_docs_hold_the_figures_between_two_marks(docs: Path, tmp_path: Path) -> None:
    publish([results()], docs, tmp_path)
    page = in_docs(docs)

    assert page.startswith(f"before\n{BEGIN}\n\n![Flowship beside MLflow, as multiples of MLflow: Time to the")
    assert "](../images/performance.svg)\n\n### Start and rest\n\n|  | MLflow | Flowship |" in page
    assert re.findall(r"^### (.*)$", page, re.MULTILINE) == [*TITLES.values()]
    assert page.endswith(f"{END}\nafter\n")
    assert "old" not in page
    assert (docs / PICTURE).read_text() == svg(results())

    publish([results()], docs, tmp_path)
    assert in_docs(docs) == page


def test_a_part_is_published_alone_and_the_others_stay(docs: Path, tmp_path: Path) -> None:
    publish([results()], docs, tmp_path)
    before = in_docs(docs)
    again = of([growth.GROWTH])
    again.machine |= {"date": "2026-11-25"}
    again.notes.append("MLflow was not at rest 120 s after its start")

    publish([again], docs, tmp_path)

    _, memory = in_docs(docs).split("### Memory under load\n")
    assert memory.partition("###")[0].splitlines()[5].startswith("Measured on 2026-11-25: ")
    assert "\n- MLflow was not at rest 120 s after its start.\n" in memory
    unchanged = before.partition("### Memory under load\n")[0]
    assert in_docs(docs).partition("### Memory under load\n")[0] == unchanged


def test_parts_of_another_machine_are_not_published_beside_others(docs: Path, tmp_path: Path) -> None:
    publish([results()], docs, tmp_path)
    before = in_docs(docs)
    other = of([growth.GROWTH])
    other.machine |= {"cores": 8}

    with pytest.raises(BenchmarkError, match=r"Results that differ in cores \(2, 8\) cannot be merged"):
        publish([other], docs, tmp_path)
    assert in_docs(docs) == before
    assert read(tmp_path / "memory.json").machine["cores"] == 2


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(BenchmarkError, match=r"the figures have no place\. Write these two lines there"):
        with_figures("no marks", "text")


def test_the_docs_have_the_marks() -> None:
    page = in_docs(DOCS)

    assert with_figures(page, "") != page


def test_the_docs_are_written_from_the_figures_that_are_kept() -> None:
    kept = {file.stem: read(file) for file in PUBLISHED.glob("*.json")}

    assert with_figures(in_docs(DOCS), figures(kept)) == in_docs(DOCS)
    assert (DOCS / PICTURE).read_text() == svg(merged([kept[part] for part in PARTS if part in kept]))


def test_figures_of_few_runs_are_not_published() -> None:
    few = results()
    few.plan["rounds"] = 1

    with pytest.raises(BenchmarkError, match=r"Figures of 1 runs prove nothing and are not published\. Run without"):
        publish([few])


def test_half_of_a_part_is_not_published() -> None:
    partial = results()
    del partial.samples[moving.GROWTH]

    with pytest.raises(BenchmarkError, match=r"not all of moving was measured: Growth of `flowship move` is missing\."):
        publish([partial])

    partial.failures.append("a worker ended within 20000 requests")
    with pytest.raises(BenchmarkError, match=r"not everything was measured: a worker ended within 20000 requests\."):
        publish([partial])


def test_nothing_measured_makes_an_empty_table_and_picture() -> None:
    nothing = Results(results().plan, results().machine)

    assert terminal(nothing).splitlines()[1] == ""
    assert ElementTree.fromstring(svg(nothing)).tag == f"{SVG}svg"  # noqa: S314 - our own text
