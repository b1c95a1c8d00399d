"""`flowship import-values`: the values of another chart of MLflow as Flowship's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flowship.cli.terminal.command import command
from flowship.cli.terminal.lines import wrong
from flowship.cli.terminal.types import PATH, Choice
from flowship.importing.conversion import imported
from flowship.importing.recognition import CHARTS, recognised
from flowship.importing.writing import written
from flowship.values.model.finding import on_one_line
from flowship.values.reading.loading import load

if TYPE_CHECKING:
    from pathlib import Path

INCOMPLETE = 3
"""The exit status that says that something is left to do."""


@command(
    "import-values",
    examples={
        "Values of another chart, whichever it is": "flowship import-values old.yaml > values.yaml",
        "Those of a release": "helm get values mlflow -o yaml | flowship import-values --from 1.11.5 -",
    },
)
@click.argument("file", type=PATH)
@click.option("--from", "name", type=Choice(*CHARTS), help="The chart that the file was written for.")
@click.pass_context
def import_values(context: click.Context, file: Path, name: str | None) -> None:
    """Print the values of another chart of MLflow as Flowship's.

    FILE holds values of chart mlflow 0.16.5, of its successor 1.11.5, or of MLflow's official chart (`official`); `-`
    is standard input. Keys that have no equal are named in comments, with what to do instead; then, or when `flowship
    check` would refuse the result, the exit status is 3. Secrets in the file are in the output too.
    """
    data = load([file], []).data
    shown = on_one_line("stdin" if str(file) == "-" else str(file))
    chart = CHARTS[name] if name else recognised(data, shown)
    result = imported(chart, data)
    click.echo(written(result, chart, shown), nl=False)
    if not result.complete:
        counts = f"not carried over: {len(result.left_out)}, refused: {len(result.refusals)}"
        wrong(f"{counts}. The comments above the values say what to do.")
        context.exit(INCOMPLETE)
