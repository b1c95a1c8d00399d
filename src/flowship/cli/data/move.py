"""`flowship move`: everything from one place to another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowship.artifacts.change import DESTINATION
from flowship.cli.data.moving import Shown
from flowship.cli.terminal.command import command
from flowship.cli.terminal.lines import as_json, done, tell, wrong
from flowship.cli.terminal.options import for_a_person, output_option
from flowship.cli.terminal.types import PATH
from flowship.database.own_tables.settings_table import get
from flowship.moving import old_side
from flowship.moving.access import widened
from flowship.moving.artifacts.route import route
from flowship.moving.move import move
from flowship.server.prepare import data as data_directory
from flowship.server.prepare import preparation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowship.database.database import Databases
    from flowship.moving.artifacts.route import Route
    from flowship.moving.report import MoveReport
    from flowship.values.model.root import Values

DATA = Path("flowship-data")


@command(
    "move",
    examples={
        "From the SQLite files in ./flowship-data to what values.yaml names": "flowship move --to values.yaml",
        "From one values file to another": "flowship move --from old.yaml --to new.yaml",
    },
)
@click.option(
    "--from",
    "old_files",
    metavar="FILE",
    multiple=True,
    type=PATH,
    help="Values file of the old side; may be repeated. Without it, the SQLite files in --from-data are moved.",
)
@click.option(
    "--to",
    "new_files",
    metavar="FILE",
    multiple=True,
    required=True,
    type=PATH,
    help="Values file of the new side; may be repeated.",
)
@click.option(
    "--from-data",
    metavar="DIR",
    type=PATH,
    default=DATA,
    show_default=True,
    help="Data directory of the old side.",
)
@click.option(
    "--to-data", metavar="DIR", type=PATH, default=DATA, show_default=True, help="Data directory of the new side."
)
@click.option(
    "--from-copy",
    metavar="DIR",
    type=PATH,
    help="Move copies of the old SQLite files, made and migrated in this directory, if they are of an older MLflow.",
)
@click.option("--leave-artifacts", is_flag=True, help="Move rows only, with the addresses of artifacts as they are.")
@click.option("--in-use", is_flag=True, help="Do not refuse databases that others are connected with.")
@output_option
@click.pass_context
def move_command(
    context: click.Context,
    old_files: Sequence[Path],
    new_files: Sequence[Path],
    from_data: Path,
    to_data: Path,
    from_copy: Path | None,
    leave_artifacts: bool,
    in_use: bool,
    output: str,
) -> None:
    """Move everything to another database or store.

    From SQLite, PostgreSQL, MySQL or MariaDB to any of them, into an empty place. Stop the servers of both sides
    first. The old side is only read. What the new side cannot hold is found before anything is written.
    Interrupted, the same command goes on where it was. In the end rows and checksums of both sides are compared;
    the exit status is 1 if any differ.
    """
    new = for_a_person(new_files, ())
    to_data, from_data = to_data.absolute(), from_data.absolute()
    old_values = for_a_person(old_files, ()).values if old_files else None
    if old_values and (sentence := widened(old_values, new.values)):
        tell(sentence)
    old = old_side.databases(old_values, new.values, from_data)
    databases = preparation.usable_databases(new, to_data)
    for directory, side in ((from_data, old), (to_data, databases)):
        if any(database.is_file for database in side):
            data_directory.require_stopped(directory)
    if from_copy is not None:
        old = old_side.copied(old, from_copy.absolute(), tell)
    before = (old_values, from_data) if old_values else None
    found = None if leave_artifacts else _route(old, before, (new.values, to_data))
    with Shown() as shown:
        moved = move(old, databases, shown, in_use=in_use, route=found)
    if output == "json":
        as_json({**moved.model_dump(mode="json"), "same": moved.same})
    else:
        _show(moved)
    context.exit(0 if moved.same else 1)


def _route(old: Databases, before: tuple[Values, Path] | None, after: tuple[Values, Path]) -> Route:
    tracking = old.tracking
    kept = None if tracking.is_file and not tracking.file.exists() else get(tracking.engine(), DESTINATION)
    return route(before, after, kept)


def _show(found: MoveReport) -> None:
    for table in found.tables:
        if table.rows or not table.same:
            click.echo(f"{table.name:34} {table.rows:>12} rows  {table.sum}")
    for name in found.left:
        tell(f"the table {name} is not MLflow's, and was left where it is")
    if copied := found.artifacts:
        click.echo(f"{copied.files} artifacts, {copied.octets} bytes, from {copied.old} to {copied.new}")
        for path in copied.differing:
            wrong(f"the artifact {path} did not arrive as it was")
    for table in found.differing:
        now = f", and {table.rows_now} at the end: somebody has written there" if table.rows_now != table.rows else ""
        wrong(
            f"{table.name} differs: the old side has {table.rows} rows of checksum {table.sum}{now}, the new one"
            f" {table.arrived} of {table.arrived_sum}"
        )
    if not found.same:
        wrong(
            "The old side is as it was: go on with it. Empty the new database before the next attempt, and stop whoever"
            " writes to either side."
        )
    else:
        done(f"{found.rows} rows of {len(found.tables)} tables are the same on both sides, after {found.seconds} s")
