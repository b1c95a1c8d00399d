"""`flowship backup` and `flowship restore`: by hand, and as the steps of the chart's CronJob and Job."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

import click

from flowship.artifacts.credentials import AWS_STRAYS, client_environment
from flowship.artifacts.location import artifact_location
from flowship.artifacts.places import root
from flowship.backup import restoring, taking
from flowship.backup.catalog import LATEST, Catalog
from flowship.backup.store import StoredCatalog
from flowship.cli.terminal.changing_line import steps
from flowship.cli.terminal.command import command
from flowship.cli.terminal.lines import tell
from flowship.cli.terminal.options import POD_DATA, data_option, for_a_person, for_a_pod, values_options
from flowship.cli.terminal.types import PATH, SECONDS, Choice, Whole
from flowship.errors import BackupError
from flowship.server.environment import change_environment
from flowship.server.prepare import preparation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from flowship.artifacts.location import ArtifactLocation
    from flowship.cli.terminal.options import Command
    from flowship.values.model.root import Values
    from flowship.values.reading.reading import Reading

DIRECTORY = "flowship-backups"
DATA = Path("flowship-data")
POD_BACKUPS = Path("/var/lib/flowship-backups")

OWN = "FLOWSHIP_BACKUP_"
"""Before the names of variables that count for the object store of backups only."""


def step_options(command: Command) -> Command:
    """Add the options that the chart's pods give: which step they are, and where they leave things for each other."""
    work = click.option(
        "--work",
        type=PATH,
        hidden=True,
        default=Path("/var/lib/flowship-work"),
        help="Directory that the steps of a pod share, in memory.",
    )(command)
    step = Choice("begin", "finish")
    return click.option("--step", type=step, hidden=True, help="The step of a pod that this is.")(work)


def directory_option(name: str, text: str) -> Callable[[Command], Command]:
    """Add the option that says where backups are kept."""
    return click.option(name, "place", metavar="DIR|URI", default=DIRECTORY, show_default=True, help=text)


@command(
    examples={
        "Into ./flowship-backups, of which seven are kept": "flowship backup -f values.yaml",
        "Into an object store": "flowship backup -f values.yaml --to s3://bucket/backups --keep 30",
    }
)
@values_options
@data_option(DATA)
@directory_option(
    "--to", "Directory, or address in an object store such as s3://bucket/backups, that backups are kept in."
)
@click.option(
    "--keep",
    metavar="COUNT",
    type=Whole("count", 1),
    default=7,
    show_default=True,
    help="How many good backups are kept; older ones are removed.",
)
@click.option(
    "--patience", type=SECONDS, hidden=True, default=0, help="Seconds to wait until the databases hold something."
)
@step_options
def backup(
    files: Sequence[Path],
    assignments: Sequence[str],
    data: Path,
    place: str,
    keep: int,
    step: str | None,
    work: Path,
    patience: float,
) -> None:
    """Back up the databases, while the server runs.

    Each is dumped by its makers' own program (pg_dump, mysqldump or mariadb-dump, which must be in PATH), SQLite by
    Flowship itself. The dump is read whole and its rows are counted before it becomes a backup. Artifacts are not
    in it.
    """
    reading, data = _reading(files, assignments, data, step)
    databases = preparation.usable_databases(reading, data)
    _require_outside(place, artifact_location(reading.values, data))
    with open_catalog(place, step, reading.values) as catalog:
        if step == "begin":
            taking.begin(databases, catalog, work, os.environ, tell, patience)
            return
        if step == "finish":
            manifest = taking.finish(databases, catalog, work, keep, tell)
        else:
            with steps() as report:
                manifest = taking.take(databases, catalog, keep, os.environ, report)
        tell(f"backup {manifest.name} is in {catalog.shown}")
    tell(not_included(reading, data))


@command(
    examples={
        "The latest backup": "flowship restore -f values.yaml",
        "One that `flowship backups list` shows": "flowship restore 2026-11-30T10-00-00Z -f values.yaml",
    }
)
@click.argument("name", default=LATEST)
@values_options
@data_option(DATA)
@directory_option("--from", "Directory, or address in an object store, that backups are kept in.")
@step_options
def restore(
    name: str,
    files: Sequence[Path],
    assignments: Sequence[str],
    data: Path,
    place: str,
    step: str | None,
    work: Path,
) -> None:
    """Restore a backup into empty databases.

    The one called NAME, or the latest. Refuses a backup that is damaged and a database that is not empty before
    anything is touched, and counts the rows afterwards. A restore that was interrupted is done again by the same
    command. psql, mysql or mariadb must be in PATH; SQLite needs none.
    """
    reading, data = _reading(files, assignments, data, step)
    databases = preparation.usable_databases(reading, data)
    with open_catalog(place, step, reading.values) as catalog:
        if step == "begin":
            restoring.begin(databases, catalog, name, work, os.environ, tell)
            return
        if step == "finish":
            restoring.finish(databases, catalog, name, work, tell)
        else:
            with steps() as report:
                restoring.restore(databases, catalog, name, os.environ, report)
    tell(not_included(reading, data))


def _reading(files: Sequence[Path], assignments: Sequence[str], data: Path, step: str | None) -> tuple[Reading, Path]:
    if step is None:
        return for_a_person(files, assignments), data
    return for_a_pod(files, assignments), POD_DATA if data == DATA.absolute() else data


def _require_outside(place: str, location: ArtifactLocation) -> None:
    """Refuse a place among the artifacts, which the server serves. Raises BackupError."""
    kept = place if "://" in place else Path(place).resolve().as_uri()
    served = location.uri if location.key else Path(url2pathname(urlsplit(location.uri).path)).resolve().as_uri()
    if root(kept).under(root(served)):
        raise BackupError(
            f"--to {place}: lies among the artifacts, {location.uri}, where clients may read and delete it. Name a "
            "place outside."
        )


@contextmanager
def open_catalog(place: str, step: str | None, values: Values) -> Iterator[Catalog]:
    """Open the place where backups are. What is on its way to an object store, or from there, is in a directory that a
    pod's steps share, and on one machine in one that is removed afterwards."""
    if "://" not in place:
        yield Catalog(Path(place).absolute())
        return
    own = {name.removeprefix(OWN): value for name, value in os.environ.items() if name.startswith(OWN)}
    strays = dict.fromkeys(AWS_STRAYS) if "AWS_ACCESS_KEY_ID" in own else {}
    change_environment({**client_environment(values), **strays, **own})
    if step is not None:
        yield StoredCatalog(place, POD_BACKUPS)
        return
    with tempfile.TemporaryDirectory(prefix="flowship-backup-") as directory:
        yield StoredCatalog(place, Path(directory))


def not_included(reading: Reading, data: Path) -> str:
    """Say what a backup leaves out, as a sentence."""
    location = artifact_location(reading.values, data)
    advice = "use the versioning of the object store" if location.key else "copy that directory, or snapshot its volume"
    return f"artifacts ({location.uri}) are not part of a backup: {advice}"
