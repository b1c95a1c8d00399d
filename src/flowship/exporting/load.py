"""Brings the experiments of an export into a database: each in one transaction, once its artifacts are in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowship.artifacts.behind import DEFAULT_WORKSPACE
from flowship.errors import ExportError
from flowship.exporting import files, rows
from flowship.exporting.arriving_models import Added, Arrival, in_the_way, insert_registry
from flowship.exporting.export import require_current
from flowship.exporting.identifiers import Renaming, fresh
from flowship.exporting.manifest import folder, load
from flowship.mlflow_seams.database.experiment_tables import CARRIED, IDENTIFIERS
from flowship.mlflow_seams.database.registry_tables import PROMPT_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from sqlalchemy import Connection

    from flowship.artifacts.location import ArtifactLocation
    from flowship.database.database import Database
    from flowship.exporting.manifest import Exported, Manifest

    Report = Callable[[str], None]


class Target(NamedTuple):
    """Where to, and how."""

    database: Database
    location: ArtifactLocation
    new_identifiers: bool = False
    suffix: str = ""
    """What is added to the names of experiments."""
    without_models: bool = False
    """Whether registered models and prompts are left out."""
    workspace: str = ""
    """Where everything is to be, if not in its own."""


class _Arrival(NamedTuple):
    """What an experiment will be."""

    identifier: int
    name: str
    address: str
    workspace: str
    renaming: Renaming


def import_all(target: Target, directory: Path, report: Report) -> None:
    """Bring in all experiments of an export; those that an import before has brought in stay as they are.

    Raises:
        ExportError: the export is damaged or of another MLflow, or an experiment is in the way; each experiment is
            there whole, or not at all.
    """
    manifest = load(directory)
    if manifest.revision != require_current(target.database, report):
        raise ExportError(
            f"{directory} is of revision {manifest.revision} (MLflow {manifest.mlflow}), and {target.database.named} is"
            " at another one. Migrate the database that it is of, and export it again."
        )
    _refuse_to_mix(target, directory, manifest)
    todo = [each for each in manifest.experiments if not _is_here(target, each, folder(directory, each.id), report)]
    if not target.without_models:
        _refuse_names(target, directory, todo)
    for each in todo:
        _import(target, each, folder(directory, each.id), report)


def _refuse_to_mix(target: Target, directory: Path, manifest: Manifest) -> None:
    """Refuse to put what several workspaces keep apart into one."""
    found = {_row(folder(directory, each.id))["workspace"] for each in manifest.experiments}
    if target.workspace and len(found) > 1:
        raise ExportError(
            f"{directory} is of the workspaces {', '.join(sorted(found))}, which --workspace would mix. Export the"
            " experiments of each by themselves. Nothing was imported."
        )


def _row(top: Path) -> rows.Row:
    (row,) = rows.read_rows(top, "experiments")
    return row


def _is_here(target: Target, exported: Exported, top: Path, report: Report) -> bool:
    """Tell whether an import before has brought in an experiment; refuses what is in its way."""
    from sqlalchemy import and_, or_, select

    experiments, row = rows.table("experiments"), _row(top)
    name = exported.name + target.suffix
    workspace = target.workspace or row["workspace"]
    same = [and_(experiments.c.name == name, experiments.c.workspace == workspace)]
    if not target.new_identifiers:
        same.append(experiments.c.experiment_id == exported.id)
    with target.database.engine().connect() as connection:
        _refuse_workspace(target, connection, exported, workspace)
        found = connection.execute(select(experiments).where(or_(*same))).mappings().all()
        if not found:
            _refuse_known(target, connection, top)
            return False
    kept = ("creation_time",) if target.new_identifiers else ("creation_time", "experiment_id")
    wanted = {**{column: row[column] for column in kept}, "name": name, "workspace": workspace}
    if len(found) == 1 and wanted.items() <= dict(found[0]).items():
        report(f"experiment {found[0]['experiment_id']}, {name}, is there already, and stays as it is")
        return True
    taken = found[0]
    raise ExportError(
        f"{target.database.named} has an experiment {taken['experiment_id']}, {taken['name']}, which is in the way of"
        f" {exported.id}, {name}. Import with --new-ids, and with --suffix where the name is taken. Nothing was"
        " imported."
    )


def _refuse_workspace(target: Target, connection: Connection, exported: Exported, workspace: str) -> None:
    """Refuse a workspace that is not there: clients could not name it, and would never see the experiment."""
    from sqlalchemy import select

    if workspace == DEFAULT_WORKSPACE:
        return
    for name, column in (("workspaces", "name"), ("experiments", "workspace")):  # they may be kept elsewhere
        named = rows.table(name).c[column]
        if connection.execute(select(named).where(named == workspace).limit(1)).first():
            return
    raise ExportError(
        f"{target.database.named} has no workspace {workspace}, in which experiment {exported.id}, {exported.name},"
        " would be. Make it there first, or import with --workspace and the name of another one, which is"
        f" {DEFAULT_WORKSPACE} on a server without workspaces. Nothing was imported."
    )


def _refuse_names(target: Target, directory: Path, todo: Iterable[Exported]) -> None:
    """Refuse registered models and prompts whose names others have."""
    with target.database.engine().connect() as connection:
        for each in todo:
            if found := in_the_way(connection, folder(directory, each.id), target.workspace):
                raise _taken(target, each, found, "Nothing was imported.")


def _taken(target: Target, exported: Exported, found: str, outcome: str) -> ExportError:
    return ExportError(
        f"{target.database.named} has {found}: that of experiment {exported.id}, {exported.name}, cannot be imported"
        f" beside it. Rename or remove what is there, or import with --without-models. {outcome}"
    )


def _refuse_known(target: Target, connection: Connection, top: Path) -> None:
    """Refuse identifiers that another experiment has."""
    from sqlalchemy import select

    if target.new_identifiers:
        return
    for name in ("runs", "trace_info", "logged_models"):
        column = rows.table(name).c[IDENTIFIERS[name]]
        for batch in rows.batches(rows.read_rows(top, name)):
            wanted = [row[column.name] for row in batch]
            if taken := connection.execute(select(column).where(column.in_(wanted)).limit(1)).scalar():
                raise ExportError(
                    f"{target.database.named} has {taken} in {name} already, in another experiment. Import with"
                    " --new-ids. Nothing was imported."
                )


def _import(target: Target, exported: Exported, top: Path, report: Report) -> None:
    from sqlalchemy.exc import DBAPIError

    arrival = _arrival(target, exported, top)
    files.put(top, arrival.address, target.location, arrival.workspace, arrival.renaming.renamed)
    try:
        with target.database.engine().begin() as connection:
            counts = {name: _insert(connection, name, top, target, arrival) for name in CARRIED}
            _verify(connection, exported, counts, arrival)
            added = _with_registry(connection, target, exported, top, arrival)
            if target.database.kind == "postgresql":
                _set_sequence(connection)
    except DBAPIError as error:
        said = " ".join(str(error.orig or error).split())
        raise ExportError(
            f"{target.database.named} refuses experiment {exported.id}, {exported.name}: {said}. Nothing of it was"
            " imported; the others before it were."
        ) from error
    for sentence in added.told:
        report(sentence)
    count = sum(counts.values()) + added.rows
    report(f"experiment {arrival.identifier}, {arrival.name}: {count} rows, as they were exported")


def _with_registry(connection: Connection, target: Target, exported: Exported, top: Path, arrival: _Arrival) -> Added:
    if target.without_models:
        return Added(0, ())
    if found := in_the_way(connection, top, target.workspace):  # come meanwhile, or with an experiment before it
        raise _taken(target, exported, found, "Nothing of it was imported; the others before it were.")
    return insert_registry(
        connection, top, Arrival(exported.id, arrival.identifier, arrival.renaming, target.workspace)
    )


def _arrival(target: Target, exported: Exported, top: Path) -> _Arrival:
    from sqlalchemy import func, select

    identifier = exported.id
    renamed: dict[str, str] = {}
    workspace = target.workspace or _row(top)["workspace"]
    with target.database.engine().connect() as connection:
        if target.new_identifiers:
            column = rows.table("experiments").c.experiment_id
            identifier = (connection.execute(select(func.max(column))).scalar() or 0) + 1
            renamed = fresh(row[column] for name, column in IDENTIFIERS.items() for row in rows.read_rows(top, name))
        address = f"{_root(connection, target, workspace)}/{identifier}"
    renaming = Renaming(renamed, exported.location, address)
    return _Arrival(identifier, exported.name + target.suffix, address, workspace, renaming)


def _root(connection: Connection, target: Target, workspace: str) -> str:
    """Give the address below which MLflow would make an experiment of a workspace, which may have one of its own."""
    from sqlalchemy import select

    workspaces = rows.table("workspaces")
    own = connection.execute(select(workspaces.c.default_artifact_root).where(workspaces.c.name == workspace)).scalar()
    return own.rstrip("/") if own else files.root(target.location, workspace)


def _insert(connection: Connection, name: str, top: Path, target: Target, arrival: _Arrival) -> int:
    found = (row for row in rows.read_rows(top, name) if _comes(name, row, target))
    return rows.insert_rows(connection, name, (_as_it_will_be(name, row, arrival) for row in found))


def _comes(name: str, row: rows.Row, target: Target) -> bool:
    """Leave out a link to a prompt that does not come."""
    return not (target.without_models and name == "entity_associations" and row["destination_type"] == PROMPT_VERSION)


def _as_it_will_be(name: str, row: rows.Row, arrival: _Arrival) -> rows.Row:
    found = {column: arrival.renaming.renamed(value) for column, value in row.items()}
    if found.get("experiment_id") is not None:
        found["experiment_id"] = arrival.identifier
    if name == "experiments":
        found.update(name=arrival.name, workspace=arrival.workspace)
    return found


def _verify(connection: Connection, exported: Exported, counts: dict[str, int], arrival: _Arrival) -> None:
    from sqlalchemy import func, select

    for name, belongs in CARRIED.items():
        chosen = rows.select_rows(name, belongs, arrival.identifier).order_by(None).subquery()
        count = connection.execute(select(func.count()).select_from(chosen)).scalar_one()
        if count != counts[name]:
            raise ExportError(
                f"experiment {exported.id}, {exported.name}: {count} rows of {name} arrived, and {counts[name]}"
                " were exported. Nothing of it was imported."
            )


def _set_sequence(connection: Connection) -> None:
    """Let the next experiment of MLflow's own get an identifier that is free."""
    connection.exec_driver_sql(
        "SELECT setval(pg_get_serial_sequence('experiments', 'experiment_id'),"
        " GREATEST((SELECT max(experiment_id) FROM experiments), 1))"
    )
