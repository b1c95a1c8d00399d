"""The whole benchmark in little, against upstream's real server and ours: every figure is found, and none is lost."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from benchmarks import loss, rounds
from benchmarks.bars import BARS, Verdict, judge
from benchmarks.results import read
from tests.integration.flowship import clean
from tests.integration.servers.process import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.results import Results


def benchmark(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=REPOSITORY,
        env=clean({}),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("benchmarks")
    done = benchmark("--quick", "--output", str(directory))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Time to the first answer" in done.stdout
    return directory


@pytest.fixture(scope="module")
def results(output: Path) -> Results:
    return read(output / "results.json")


def test_every_figure_of_the_table_is_measured(results: Results) -> None:
    assert results.failures == []
    assert [bar.title for bar in BARS if judge(bar, results).verdict is Verdict.MISSING] == []


def test_no_request_is_lost_while_workers_end_or_a_server_stops(results: Results) -> None:
    lost = {measure: results.of(measure, "Flowship") for measure in (loss.WORKERS_END, loss.SERVER_STOPS)}

    assert lost == {loss.WORKERS_END: [0], loss.SERVER_STOPS: [0]}, results.notes
    assert all(results.of(measure.replace("lost", "sent"), "Flowship")[0] > 50 for measure in lost)


def test_a_server_that_was_asked_to_stop_stops_after_its_delay(results: Results) -> None:
    (seconds,) = results.of(loss.STOPPED_IN, "Flowship")

    assert results.plan["drain_delay"] <= seconds < 30
    assert [note for note in results.notes if "asked to stop" in note] == []


def test_one_import_for_all_workers_costs_less_than_one_for_each(results: Results) -> None:
    for measure in (rounds.CPU, rounds.MEMORY):
        (ours,), (theirs,) = results.of(measure, rounds.FLOWSHIP), results.of(measure, rounds.MLFLOW)
        assert ours < theirs, measure


def test_the_picture_and_the_table_can_be_made_again_from_the_file(output: Path, tmp_path: Path) -> None:
    again = benchmark("--quick", "--from", str(output / "results.json"), "--output", str(tmp_path))

    assert again.returncode == 0, again.stderr
    assert (tmp_path / "performance.svg").read_text() == (output / "performance.svg").read_text()
    assert ElementTree.parse(output / "performance.svg").getroot().tag.endswith("svg")  # noqa: S314 - our own file


def test_few_runs_are_not_published(output: Path) -> None:
    refused = benchmark("--from", str(output / "results.json"), "--output", str(output), "--publish")

    assert refused.returncode == 1
    assert "Figures of 1 runs prove nothing and are not published. Run without --quick." in refused.stderr
