"""The whole of a collection: what was begun before, then runs, models and experiments."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from flowship.artifacts import change
from flowship.database.explaining import explained
from flowship.database.migrating.revision import Standing, read_state
from flowship.database.own_tables import removals, settings_table, unfinished
from flowship.database.wait import wait
from flowship.errors import GarbageError
from flowship.garbage import orphans, record
from flowship.garbage.collecting import Collection, collect_page
from flowship.garbage.deleted import PAGE, Reach, named, pages
from flowship.garbage.experiments import collect_experiment
from flowship.garbage.places import NoPlaceError, names_in
from flowship.garbage.references import read_references
from flowship.garbage.report import Note, Report, Thing
from flowship.garbage.stores import StoreError, Stores
from flowship.garbage.tables import read_tables
from flowship.garbage.writing import Writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import timedelta

    from flowship.artifacts.location import ArtifactLocation
    from flowship.database.database import Database
    from flowship.garbage.deleted import Deleted
    from flowship.garbage.orphans import Unit
    from flowship.mlflow_seams.database.belongings import Kind


def collect(
    tracking: Database,
    location: ArtifactLocation,
    age: timedelta,
    progress: Callable[[str], None],
    *,
    dry_run: bool = False,
) -> Report:
    """Remove what was deleted longer ago than that or, with `dry_run`, tell what that would be.

    Raises:
        GarbageError: the database cannot be collected from.
        DatabaseError: it does not answer.
    """
    require_current(tracking, progress)
    with explained(tracking, "Collecting garbage in", GarbageError):
        collection = opened(tracking, location, age, progress, dry_run=dry_run)
        with collection.pool:
            _go_on(collection)
            _collect(collection)
        if not dry_run:
            record.remember(tracking.engine(), collection.report, datetime.now(UTC))
    return collection.report


def find_orphans(
    tracking: Database, location: ArtifactLocation, age: timedelta, progress: Callable[[str], None]
) -> tuple[Collection, list[Unit]]:
    """Find artifacts that no row knows, and to which nothing was added for so long.

    Raises:
        GarbageError: the database or the store cannot be read.
        DatabaseError: the database does not answer.
    """
    require_current(tracking, progress)
    try:
        with explained(tracking, "Looking for artifacts beside", GarbageError):
            collection = opened(tracking, location, age, progress, dry_run=True)
            return collection, orphans.find(collection)
    except (StoreError, NoPlaceError) as error:
        raise GarbageError(f"Looking for artifacts that no row knows: {error}.") from error


def remove_orphans(collection: Collection, units: Sequence[Unit]) -> Report:
    """Remove what was found, unless a row has come to it. Raises DatabaseError when what was freed cannot be kept."""
    report = Report()
    for unit, result in orphans.remove(collection, units):
        if isinstance(result, StoreError):
            report.failed.append(Note(kind=unit.kind, id=unit.id, why=str(result)))
        else:
            report.things.append(Thing(kind=unit.kind, id=unit.id, objects=result.objects, bytes=result.bytes))
    record.remember(collection.writing.engine, report, datetime.now(UTC))
    return report


def require_current(tracking: Database, progress: Callable[[str], None]) -> None:
    """Refuse a database that is half moved or restored, or not at this MLflow's revision: others may have tables that
    belong to runs, too."""
    if tracking.is_file and not tracking.file.exists():
        raise GarbageError(f"{tracking.named} is not there, so there is no garbage in it. Check --data.")
    wait(tracking, report=progress)
    with explained(tracking, "Looking at", GarbageError):
        unfinished.refuse(tracking)
        state = read_state(tracking.engine(), tracking.part)
    if state.standing is not Standing.CURRENT:
        raise GarbageError(
            f"{tracking.named} is at revision {state.revision or 'none'}, and this MLflow's is {state.head}. Nothing "
            "is removed. Run flowship migrate, or the Flowship that serves this database."
        )


def opened(
    tracking: Database,
    location: ArtifactLocation,
    age: timedelta,
    progress: Callable[[str], None],
    *,
    dry_run: bool,
) -> Collection:
    """Read what a collection has to know. Raises what SQLAlchemy raises, and DatabaseError where Flowship's own table
    cannot be made."""
    writing = Writing(tracking)
    if not dry_run:
        removals.create(writing.engine)
        settings_table.create(writing.engine, instead=removals.INSTEAD)
    tables = read_tables(writing.engine)
    with writing.reading() as connection:
        references = read_references(connection, tables)
        places = connection.execute(select(tables.tables["experiments"].c.artifact_location)).scalars().all()
    return Collection(
        writing=writing,
        tables=tables,
        stores=Stores(location),
        behind=settings_table.get(writing.engine, change.DESTINATION) or location.uri,
        reach=Reach(datetime.now(UTC), age),
        references=references,
        taken=frozenset(names_in(filter(None, places))),
        report=Report(dry_run=dry_run),
        progress=progress,
    )


def _go_on(collection: Collection) -> None:
    """Finish what was begun by a collection that was interrupted."""
    if collection.report.dry_run:
        return
    for kind in ("run", "model"):
        for page in _batched(_begun(collection, kind)):
            collect_page(collection, page, marked=True)
    for experiment in _begun(collection, "experiment"):
        collect_experiment(collection, experiment, marked=True)


def _begun(collection: Collection, kind: Kind) -> list[Deleted]:
    """Give what is marked and still there; the marks of the rest are taken away."""
    with collection.writing.reading() as connection:
        ids = removals.begun(connection, kind)
        keys = [int(each) for each in ids] if kind == "experiment" else ids
        found = named(connection, collection.tables, kind, keys) if keys else []
    if over := sorted({*ids} - {each.id for each in found}):
        collection.writing.run(lambda connection: removals.end(connection, kind, over))
    return found


def _collect(collection: Collection) -> None:
    for kind in ("run", "model"):
        for page in pages(collection.writing, collection.tables, kind, collection.reach):
            collect_page(collection, page)
            _tell(collection)
    for page in pages(collection.writing, collection.tables, "experiment", collection.reach):
        for experiment in page:
            collect_experiment(collection, experiment)
        _tell(collection)


def _tell(collection: Collection) -> None:
    if counted := ", ".join(collection.report.counted()):
        collection.progress(f"{'would remove' if collection.report.dry_run else 'removed'} {counted}")


def _batched(things: list[Deleted]) -> Iterable[list[Deleted]]:
    return (things[start : start + PAGE] for start in range(0, len(things), PAGE))
