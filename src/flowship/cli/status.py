"""`flowship status`: how a Flowship is, on one screen; its exit status tells whether something is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowship.artifacts.location import artifact_location
from flowship.cli.terminal.command import command
from flowship.cli.terminal.lines import as_json, bad, done
from flowship.cli.terminal.options import data_option, for_either, output_option, values_options
from flowship.server.prepare.preparation import usable_databases
from flowship.status import asking
from flowship.status.looking import look
from flowship.status.report import lines
from flowship.values.model import signing_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowship.status.report import Status


@command(
    examples={
        "What values name, whether a server runs or not": "flowship status -f values.yaml",
        "A server that runs, as an admin": "flowship status --server https://mlflow.example.com",
    }
)
@values_options
@data_option(Path("flowship-data"))
@click.option("--server", metavar="URL", help="Ask a server that runs, in place of looking at what values name.")
@output_option
@click.pass_context
def status(
    context: click.Context,
    files: Sequence[Path],
    assignments: Sequence[str],
    data: Path,
    server: str | None,
    output: str,
) -> None:
    """Say how a Flowship is, and what is wrong.

    Versions, databases, artifacts, signing in, the last backup. In a pod, -f is not needed. A server is asked with the
    login of MLflow's clients, MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD. The exit status is 1 if something
    is wrong.
    """
    if server and (files or assignments):
        raise click.UsageError("--server asks a server; -f and --set are for looking without one: give one of them.")
    found = asking.ask(server) if server else _here(files, assignments, data)
    if output == "json":
        as_json(found.model_dump(mode="json"))
    else:
        _show(found)
    context.exit(0 if found.healthy else 1)


def _here(files: Sequence[Path], assignments: Sequence[str], data: Path) -> Status:
    reading, data = for_either(files, assignments, data)
    location = artifact_location(reading.values, data)
    databases = usable_databases(reading, data)
    return look(tuple(databases), (location.uri, location.proxied), signing_in.method(reading.values))


def _show(found: Status) -> None:
    rows = list(lines(found, datetime.now(UTC)))
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        click.echo(f"{click.style(name.ljust(width), bold=True)}  {text}")
    if found.healthy:
        done("nothing is wrong")
    for sentence in found.wrong:
        click.echo(f"{bad()} {sentence}")
