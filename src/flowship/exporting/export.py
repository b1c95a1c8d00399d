"""Writes chosen experiments into a directory."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowship import __version__
from flowship.database.explaining import explained
from flowship.database.migrating.revision import Standing, read_state
from flowship.database.own_tables import unfinished
from flowship.database.wait import wait
from flowship.errors import ExportError
from flowship.exporting import files, rows
from flowship.exporting.finding_models import find
from flowship.exporting.manifest import FILE, FORMAT, Exported, Manifest, digests, folder
from flowship.exporting.model_rows import write_registry
from flowship.mlflow_seams.database.registry_tables import MODELS, VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from sqlalchemy import Connection

    from flowship.artifacts.location import ArtifactLocation
    from flowship.database.database import Database

    Report = Callable[[str], None]


def export(
    database: Database, location: ArtifactLocation, wanted: Sequence[str], directory: Path, report: Report
) -> Manifest:
    """Write experiments, named by name or identifier, with all that belongs to them.

    Raises:
        ExportError: the directory is there already, an experiment is not, or artifacts cannot be copied.
    """
    if directory.exists():
        raise ExportError(f"{directory} is there already: name another directory, or remove it.")
    revision = require_current(database, report)
    unfinished = directory.with_name(f"{directory.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True, mode=0o700)
    with _snapshot(database) as connection:
        found = [_experiment(connection, name, database) for name in dict.fromkeys(wanted)]
        together = frozenset(int(each.experiment_id) for each in found)
        exported = tuple(_exported(connection, each, together, location, unfinished, report) for each in found)
    manifest = Manifest(
        format=FORMAT,
        time=datetime.now(UTC),
        flowship=__version__,
        mlflow=version("mlflow"),
        revision=revision,
        experiments=exported,
    )
    (unfinished / FILE).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    unfinished.rename(directory)
    return manifest


def require_current(database: Database, report: Report) -> str:
    """Refuse a database that is not there, half moved or restored, or not at this MLflow's revision, and give that.

    Raises:
        ExportError: it is refused.
        DatabaseError: it does not answer.
    """
    if database.is_file and not database.file.exists():
        raise ExportError(f"{database.named} is not there. Name its directory by --data; flowship up makes a new one.")
    wait(database, report=report)
    with explained(database, "Looking at", ExportError):
        unfinished.refuse(database)
        state = read_state(database.engine(), database.part)
    if state.standing is not Standing.CURRENT:
        raise ExportError(
            f"{database.named} is at revision {state.revision or 'none'}, not at {state.head}, this MLflow's."
            " Run `flowship migrate` on it first."
        )
    return state.head


def _snapshot(database: Database) -> Connection:
    """Give a connection that sees one moment, while others write."""
    connection = database.engine().connect()
    if database.kind == "postgresql":
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    return connection


def _experiment(connection: Connection, wanted: str, database: Database) -> Any:
    from sqlalchemy import select

    experiments = rows.table("experiments")
    column = experiments.c.name
    found = connection.execute(select(experiments).where(column == wanted)).all()
    if not found and wanted.isdigit():
        found = connection.execute(select(experiments).where(experiments.c.experiment_id == int(wanted))).all()
    if not found:
        raise ExportError(
            f"{database.named}: there is no experiment {wanted}. Name it by its identifier, which its page shows."
        )
    if len(found) > 1:
        each = ", ".join(f"{one.experiment_id} in the workspace {one.workspace}" for one in found)
        raise ExportError(
            f"{database.named}: {len(found)} experiments are called {wanted}: {each}. Name the one that is meant by its"
            " identifier."
        )
    return found[0]


def _exported(
    connection: Connection,
    experiment: Any,
    together: Collection[int],
    location: ArtifactLocation,
    directory: Path,
    report: Report,
) -> Exported:
    identifier, top = int(experiment.experiment_id), folder(directory, experiment.experiment_id)
    top.mkdir(parents=True)
    chosen = find(connection, experiment, together)
    counts = {**rows.write_rows(connection, identifier, top), **write_registry(connection, chosen, top)}
    place, workspace = experiment.artifact_location, experiment.workspace
    copied = files.fetch(place, location, workspace, top)
    lost = (
        *rows.left_out(connection, identifier),
        *_elsewhere(connection, experiment),
        *files.out_of_reach(place, location, workspace),
        *chosen.left_out,
    )
    report(
        f"experiment {identifier}, {experiment.name}: {counts['runs']} runs, {counts['metrics']} metrics,"
        f" {counts['trace_info']} traces, {counts['logged_models']} logged models,"
        f" {counts[VERSIONS]} versions of {counts[MODELS]} registered models and prompts, {copied} artifacts"
    )
    return Exported(
        id=identifier,
        name=experiment.name,
        location=experiment.artifact_location,
        rows=counts,
        files=digests(top),
        left_out=lost,
    )


def _elsewhere(connection: Connection, experiment: Any) -> Iterator[str]:
    """Tell of what keeps its artifacts away from those of its experiment."""
    from sqlalchemy import func, select

    below = f"{experiment.artifact_location}/"
    for name, column in (("runs", "artifact_uri"), ("logged_models", "artifact_location")):
        table = rows.table(name)
        away = ~table.c[column].startswith(below, autoescape=True)
        statement = select(func.count()).select_from(table)
        of_experiment = table.c.experiment_id == experiment.experiment_id
        if count := connection.execute(statement.where(of_experiment, away)).scalar_one():
            yield f"the artifacts of {count} {name.replace('_', ' ')} that are not below {experiment.artifact_location}"
