"""`flowship check`: the values' errors, or that they are valid; with `--live`, what they name is tried too."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic import BaseModel

from flowship.checks import libraries
from flowship.checks import live as trial
from flowship.cli.terminal.command import command
from flowship.cli.terminal.lines import as_json, bad, done, good
from flowship.cli.terminal.options import data_option, for_either, in_a_pod, output_option, values_options
from flowship.errors import ValuesError
from flowship.values.model.finding import Finding, on_one_line, refusal
from flowship.values.model.keys import dotted
from flowship.values.reading.reading import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowship.values.reading.reading import Reading


@command(
    examples={
        "Are these values valid?": "flowship check -f values.yaml",
        "And does what they name work?": "flowship check -f values.yaml --live",
    }
)
@values_options
@data_option(Path("flowship-data"))
@click.option("--live", is_flag=True, help="Also try what the values name: databases, LDAP, object store, host names.")
@output_option
@click.pass_context
def check(
    context: click.Context, files: Sequence[Path], assignments: Sequence[str], data: Path, live: bool, output: str
) -> None:
    """Say what is wrong with values, all at once.

    Reads what Helm would, with the environment; in a pod, -f is not needed. Exits with status 2 where something is to
    be mended.

    With --live: is the database reached, over TLS where asked, with this password, these rights and a schema that
    this MLflow can serve or migrate? Does the LDAP directory answer, and are its groups there? Can an object be
    written, read and deleted in the object store? Are the host names known? Nothing is changed: a small object is
    written and deleted again.
    """
    if output == "json":
        found = _for_programs(files, assignments, data, live)
        as_json(found.model_dump())
        context.exit(found.exit_code)
    reading, data = _valid(files, assignments, data, live)
    done(f"valid: {reading.described()}")
    failed = False
    for outcome in trial.tried(reading, data) if live else ():
        click.echo(f"{good() if outcome.works else bad()} {outcome.sentence}")
        failed = failed or not outcome.works
    context.exit(1 if failed else 0)


def _valid(files: Sequence[Path], assignments: Sequence[str], data: Path, live: bool) -> tuple[Reading, Path]:
    """Read values that are right, and whose libraries are installed; give the data directory. Raises ValuesError."""
    if live or in_a_pod(files, assignments):
        reading, data = for_either(files, assignments, data)
    else:
        reading = read(files, assignments, os.environ, "fill")
    if found := libraries.missing(reading, data):
        raise refusal(found, reading.loaded.order)
    return reading, data


class Place(BaseModel):
    """A thing to mend, where it stands."""

    sentence: str
    keys: list[str]
    source: str | None = None
    """A file, an option with its key, or a variable."""
    line: int | None = None
    column: int | None = None


class Checked(BaseModel):
    """What `--output json` prints."""

    valid: bool
    read: list[str] = []
    findings: list[Place] = []
    live: list[dict[str, Any]] = []
    """What was tried: whether it `works`, and a `sentence`. Empty without --live."""

    @property
    def exit_code(self) -> int:
        """Give the exit status, as without --output."""
        if not self.valid:
            return ValuesError.exit_code
        return 0 if all(outcome["works"] for outcome in self.live) else 1


def _for_programs(files: Sequence[Path], assignments: Sequence[str], data: Path, live: bool) -> Checked:
    try:
        reading, data = _valid(files, assignments, data, live)
    except ValuesError as error:
        return Checked(valid=False, findings=[_place(each) for each in error.found if isinstance(each, Finding)])
    outcomes = [outcome._asdict() for outcome in trial.tried(reading, data)] if live else []
    return Checked(valid=True, read=list(dict.fromkeys(reading.loaded.order)), live=outcomes)


def _place(finding: Finding) -> Place:
    source = finding.source
    return Place(
        sentence=finding.sentence,
        keys=list(map(dotted, finding.paths)),
        source=source and on_one_line(source.name),
        line=source and source.line,
        column=source and source.column,
    )
