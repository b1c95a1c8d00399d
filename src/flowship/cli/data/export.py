"""`flowship export` and `flowship import`: chosen experiments as files, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowship.artifacts.credentials import client_environment
from flowship.artifacts.location import artifact_location
from flowship.cli.terminal.changing_line import steps
from flowship.cli.terminal.command import command
from flowship.cli.terminal.lines import done, wrong
from flowship.cli.terminal.options import data_option, for_a_person, values_options
from flowship.cli.terminal.types import PATH
from flowship.database.explaining import explained
from flowship.errors import ExportError
from flowship.exporting.export import export
from flowship.exporting.load import Target, import_all
from flowship.server.environment import change_environment
from flowship.server.plan.options import beside_extra
from flowship.server.prepare.preparation import usable_databases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowship.artifacts.location import ArtifactLocation
    from flowship.database.database import Database

DATA = Path("flowship-data")


def _places(files: Sequence[Path], assignments: Sequence[str], data: Path) -> tuple[Database, ArtifactLocation]:
    reading = for_a_person(files, assignments)
    database = usable_databases(reading, data).tracking
    change_environment(beside_extra(reading.values, client_environment(reading.values)))
    return database, artifact_location(reading.values, data)


@command(
    "export",
    examples={"Two experiments, by name and by identifier": "flowship export -f values.yaml --to ./exported churn 12"},
)
@values_options
@data_option(DATA)
@click.option("--to", "directory", type=PATH, required=True, metavar="DIR", help="A directory that is not there yet.")
@click.argument("experiments", nargs=-1, required=True)
@click.pass_context
def export_command(
    context: click.Context,
    files: Sequence[Path],
    assignments: Sequence[str],
    data: Path,
    directory: Path,
    experiments: Sequence[str],
) -> None:
    """Write experiments, with all that is theirs, into a directory.

    EXPERIMENTS are named by name or identifier. The directory holds JSON lines and artifacts. Runs with all
    metrics, parameters, tags, datasets and links, traces, logged models, and the registered models and prompts that
    come from them. What belongs to them and is not written, such as scorers, is named, and the exit status is 1
    then.
    """
    database, location = _places(files, assignments, data)
    with explained(database, "Exporting from", ExportError), steps() as report:
        manifest = export(database, location, experiments, directory, report)
    lost = [f"experiment {each.id}, {each.name}: {what}" for each in manifest.experiments for what in each.left_out]
    for sentence in lost:
        wrong(f"left out: {sentence}")
    count = len(manifest.experiments)
    done(f"{count} {'experiment is' if count == 1 else 'experiments are'} in {directory}")
    context.exit(1 if lost else 0)


@command(
    "import",
    examples={
        "With their identifiers": "flowship import -f values.yaml ./exported",
        "Beside those that are there": "flowship import -f values.yaml ./exported --new-ids --suffix=-copy",
    },
)
@values_options
@data_option(DATA)
@click.option("--new-ids", is_flag=True, help="Give experiments, runs, traces and models new identifiers.")
@click.option("--suffix", default="", metavar="TEXT", help="Add this to the names of the experiments.")
@click.option("--without-models", is_flag=True, help="Leave registered models and prompts out.")
@click.option("--workspace", default="", metavar="NAME", help="Where all goes, if not into its own workspace.")
@click.argument("directory", type=PATH)
def import_command(
    files: Sequence[Path],
    assignments: Sequence[str],
    data: Path,
    new_ids: bool,
    suffix: str,
    without_models: bool,
    workspace: str,
    directory: Path,
) -> None:
    """Bring exported experiments into another database.

    Those of an exported DIRECTORY, with their artifacts, registered models and prompts. Identifiers and times are
    kept, and one that is taken is refused, unless --new-ids. Models and prompts keep their names, and one that
    another has is refused. Each experiment arrives whole or not at all; an import that was cut short is run again.
    """
    database, location = _places(files, assignments, data)
    with explained(database, "Importing into", ExportError), steps() as report:
        import_all(Target(database, location, new_ids, suffix, without_models, workspace), directory, report)
    done(f"the experiments of {directory} are in {database.shown}")
