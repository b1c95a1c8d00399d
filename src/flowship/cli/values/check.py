"""`flowship check`: the values' errors, or that they are valid; with `--live`, what they name is tried too."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowship.checks import live as trial
from flowship.cli.terminal.command import command
from flowship.cli.terminal.lines import bad, done, good
from flowship.cli.terminal.options import data_option, for_a_person, values_options
from flowship.values.reading.reading import read

if TYPE_CHECKING:
    from collections.abc import Sequence


@command(
    examples={
        "Are these values valid?": "flowship check -f values.yaml",
        "And does what they name work?": "flowship check -f values.yaml --live",
    }
)
@values_options
@data_option(Path("flowship-data"))
@click.option("--live", is_flag=True, help="Also try what the values name: databases, LDAP, object store, host names.")
@click.pass_context
def check(context: click.Context, files: Sequence[Path], assignments: Sequence[str], data: Path, live: bool) -> None:
    """Say what is wrong with values, all at once.

    Reads what Helm would, with the environment; exits with status 2 where something is to be mended.

    With --live: is the database reached, over TLS where asked, with this password, these rights and a schema that
    this MLflow can serve or migrate? Does the LDAP directory answer, and are its groups there? Can an object be
    written, read and deleted in the object store? Are the host names known? Nothing is changed: a small object is
    written and deleted again.
    """
    reading = for_a_person(files, assignments) if live else read(files, assignments, os.environ, "fill")
    done("valid")
    if not live:
        return
    failed = False
    for outcome in trial.tried(reading, data):
        mark = good() if outcome.works else bad()
        click.echo(f"{mark} {outcome.sentence}")
        failed = failed or not outcome.works
    context.exit(1 if failed else 0)
