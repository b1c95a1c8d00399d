"""`flowship gc`: removes for good what was deleted long ago."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowship.artifacts.credentials import client_environment
from flowship.artifacts.location import artifact_location
from flowship.cli.terminal.changing_line import steps
from flowship.cli.terminal.command import command
from flowship.cli.terminal.lines import as_json, done, noted, wrong
from flowship.cli.terminal.options import data_option, for_either, output_option, values_options
from flowship.garbage import garbage
from flowship.garbage.age import age
from flowship.garbage.report import NAMES, Report
from flowship.server.environment import change_environment
from flowship.server.prepare.preparation import usable_databases
from flowship.status.report import shown_size

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from flowship.artifacts.location import ArtifactLocation
    from flowship.database.database import Database

SHOWN = 20
"""Things of a kind that are named on the screen; --output json names all."""


@command(
    examples={
        "What would go, and how large it is": "flowship gc -f values.yaml --dry-run",
        "In a pod, or beside `flowship up`, whose server may run": "flowship gc -f values.yaml --older-than 30d",
        "Artifacts that no row knows": "flowship gc -f values.yaml --orphans",
    }
)
@values_options
@data_option(Path("flowship-data"))
@click.option(
    "--older-than",
    metavar="AGE",
    default="30d",
    show_default=True,
    help="How long ago something must have been deleted, such as 30d, 12h or 0s.",
)
@click.option("--dry-run", is_flag=True, help="Remove nothing, and list what would go, with its size.")
@click.option(
    "--orphans",
    is_flag=True,
    help="Look for artifacts that no row knows, instead, to which nothing was added for as long; asks before it "
    "removes them.",
)
@click.option("--yes", is_flag=True, help="With --orphans: do not ask.")
@output_option
@click.pass_context
def gc(
    context: click.Context,
    files: Sequence[Path],
    assignments: Sequence[str],
    data: Path,
    older_than: str,
    dry_run: bool,
    orphans: bool,
    yes: bool,
    output: str,
) -> None:
    """Remove for good what was deleted long ago.

    Runs, logged models and experiments with their traces. Artifacts go first and rows after, so that it may be
    interrupted and run again. What a registered model or a prompt points to stays, and is listed. The exit status
    is 1 if something could not be removed.
    """
    if yes and not orphans:
        raise click.UsageError("--yes is for --orphans; nothing else is asked.")
    wanted = age(older_than)
    reading, data = for_either(files, assignments, data)
    tracking = usable_databases(reading, data).tracking
    change_environment(client_environment(reading.values))
    location = artifact_location(reading.values, data)
    if orphans:
        report = _orphans(tracking, location, wanted, dry_run=dry_run, yes=yes)
    else:
        with steps() as told:
            report = garbage.collect(tracking, location, wanted, told, dry_run=dry_run)
    report.older_than = older_than
    if output == "json":
        as_json(report.model_dump(mode="json"))
    else:
        _show(report)
    context.exit(1 if report.failed else 0)


def _orphans(tracking: Database, location: ArtifactLocation, age: timedelta, *, dry_run: bool, yes: bool) -> Report:
    with steps() as told:
        collection, units = garbage.find_orphans(tracking, location, age, told)
    if dry_run:
        return Report(dry_run=True, things=[unit.thing for unit in units])
    for unit in units[:SHOWN] if not yes else ():
        click.echo(f"{unit.folder.uri}: {_amount(unit.amount.objects, unit.amount.bytes)}", err=True)
    if units and not yes:
        more = f", {len(units) - SHOWN} more than are named" if len(units) > SHOWN else ""
        size = shown_size(sum(unit.amount.bytes for unit in units))
        what = "this folder" if len(units) == 1 else f"these {len(units)} folders"
        click.confirm(f"Remove {what}{more}, {size}, for good?", abort=True, err=True)
    return garbage.remove_orphans(collection, units)


def _show(report: Report) -> None:
    if report.dry_run:
        for thing in report.things[:SHOWN]:
            deleted = f", deleted {thing.deleted:%Y-%m-%d}" if thing.deleted else ""
            click.echo(f"{NAMES[thing.kind][0]} {thing.id}: {_amount(thing.objects, thing.bytes)}{deleted}")
        _more(len(report.things))
    for note in report.kept[:SHOWN]:
        click.echo(f"{noted()} {note.sentence}")
    _more(len(report.kept))
    for note in report.failed[:SHOWN]:
        wrong(note.sentence)
    _more(len(report.failed))
    counted = ", ".join(report.counted()) or f"nothing older than {report.older_than}"
    rows = "" if report.dry_run else f", {report.rows} rows"
    done(f"{'would remove' if report.dry_run else 'removed'} {counted}: {_amount(report.objects, report.bytes)}{rows}")


def _more(count: int) -> None:
    if count > SHOWN:
        click.echo(f"  and {count - SHOWN} more; --output json names all")


def _amount(objects: int, size: int) -> str:
    return f"{shown_size(size)} in {objects} {'file' if objects == 1 else 'files'}"
