"""The command: measures, prints the table, and writes results and picture."""

from __future__ import annotations

import os
import sys
import time
from copy import deepcopy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchmarks import crowd, fasttrackml, growth, loss, moving, page, rounds, searches, signing_in, with_users
from benchmarks.bars import PARTS, Verdict, judged
from benchmarks.chart import svg
from benchmarks.errors import BenchmarkError
from benchmarks.plan import FULL, QUICK
from benchmarks.results import merged, read
from benchmarks.session import session
from benchmarks.table import terminal
from tests.integration.flowship import clean
from tests.integration.servers.process import ServerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.plan import Plan
    from benchmarks.results import Results
    from benchmarks.session import Session

OUTPUT = Path(".cache") / "benchmarks"


@click.command()
@click.option("--only", multiple=True, type=click.Choice([*PARTS]), help="Measure this part alone; may be repeated.")
@click.option("--quick", is_flag=True, help="Few requests, once: proves that the benchmark works, and nothing else.")
@click.option("--rounds", "number", type=click.IntRange(min=1), help="Alternating runs instead of 5.")
@click.option("--output", type=click.Path(path_type=Path), default=OUTPUT, show_default=True, help="Where to write.")
@click.option(
    "--publish", is_flag=True, help="Keep the figures of these parts for docs/explanation/performance.md, and write it."
)
@click.option(
    "--from",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Read these results instead; may be repeated for parts that were measured apart.",
)
def main(
    only: tuple[str, ...], quick: bool, number: int | None, output: Path, publish: bool, files: tuple[Path, ...]
) -> None:
    """Compare Flowship with upstream MLflow. Ends with status 1 when a bar is missed or a part failed."""
    plan = QUICK if quick else FULL
    if number:
        plan = replace(plan, rounds=number)
    try:
        measured = [*map(read, files)] if files else _measured(plan, only or [*PARTS], output)
        results = merged(measured)
        output.mkdir(parents=True, exist_ok=True)
        (output / "performance.svg").write_text(svg(results))
        click.echo(terminal(results))
        if publish:
            page.publish(measured)
    except (BenchmarkError, ServerError) as error:
        raise click.ClickException(str(error)) from error
    missed = not quick and any(found.verdict is Verdict.MISSED for found in judged(results))
    sys.exit(1 if missed or results.failures else 0)


def _measured(plan: Plan, only: Sequence[str], output: Path) -> list[Results]:
    """Measure the parts; one that fails does not keep the others from being measured and written."""
    began = time.monotonic()

    def report(sentence: str) -> None:
        click.echo(f"{time.monotonic() - began:6.0f} s  {sentence}", err=True)

    _forget_strays()
    measured: list[Results] = []
    with session(plan, report) as opened:
        for part in _parts(only):
            results = deepcopy(opened.results)
            try:
                part(replace(opened, results=results))
            except* (BenchmarkError, ServerError) as errors:
                for error in _single(errors):
                    results.failures.append(str(error))
                    report(str(error))
            measured.append(results)
            merged(measured).write(output / "results.json")
    return measured


def _parts(only: Sequence[str]) -> Iterator[Callable[[Session], None]]:
    """What to run: start and throughput are measured in the same runs."""
    if {"start", "throughput"} & set(only):
        yield partial(rounds.measure, start="start" in only, throughput="throughput" in only)
    if "fasttrackml" in only:
        yield fasttrackml.measure
    if "users" in only:
        yield with_users.measure
    if "signing-in" in only:
        yield signing_in.measure
    if "crowd" in only:
        yield crowd.measure
    if "searches" in only:
        yield searches.measure
    if "loss" in only:
        yield loss.measure
    if "memory" in only:
        yield growth.measure
    if "moving" in only:
        yield moving.measure


def _single(group: BaseExceptionGroup[Exception]) -> Iterator[Exception]:
    """The exceptions of a group and of the groups in it."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _single(error)
        else:
            yield error


def _forget_strays() -> None:
    """Take what could decide where data goes out of the environment that all servers inherit."""
    kept = clean({})
    os.environ.clear()
    os.environ.update(kept)


if __name__ == "__main__":
    main()
