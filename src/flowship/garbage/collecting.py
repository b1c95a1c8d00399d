"""Collects garbage: each thing is marked as being removed, then its artifacts go, then its rows, then the mark.

Whoever is killed in between leaves the mark, and rows that still name the artifacts: the next collection goes on. What
is marked cannot be restored (`database/own_tables/removals.py`), so that nobody gets a run back without its artifacts.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from flowship.database.own_tables import removals
from flowship.garbage.deleted import UNKNOWN, Deleted, Reach
from flowship.garbage.places import NoPlaceError, own_folder
from flowship.garbage.references import newly_pointed_to
from flowship.garbage.report import Note, Report, Thing
from flowship.garbage.rows import remove_belongings, remove_left
from flowship.garbage.stores import Amount, Opened, StoreError, Stores
from flowship.garbage.tables import Step, column, steps
from flowship.mlflow_seams.database.belongings import DELETED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection, MetaData

    from flowship.garbage.references import References
    from flowship.garbage.writing import Writing
    from flowship.mlflow_seams.database.belongings import Kind

THREADS = 8
"""Folders that are emptied at once."""

RESTORED = (
    "it was restored while its artifacts were removed, by a server that does not know of `flowship gc`; it is left"
    " without some of them"
)


@dataclass
class Collection:
    """What one collection works with, and what it has found."""

    writing: Writing
    tables: MetaData
    stores: Stores
    behind: str
    """Where the server keeps what goes through it."""
    reach: Reach
    references: References
    taken: frozenset[str]
    """Names of folders in the places of experiments."""
    report: Report
    progress: Callable[[str], None]
    gone: set[tuple[str, str]] = field(default_factory=set)
    """What was removed, or would be, by kind and id."""
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS))
    _steps: dict[Kind, list[Step]] = field(default_factory=dict)

    def steps(self, kind: Kind) -> list[Step]:
        """Give what to delete before things of this kind."""
        if kind not in self._steps:
            self._steps[kind] = steps(self.tables, kind)
        return self._steps[kind]

    def keep(self, thing: Deleted, why: str) -> None:
        """Note that something stays, because of something else."""
        self.report.kept.append(Note(kind=thing.kind, id=thing.id, why=why))

    def fail(self, thing: Deleted, why: str) -> None:
        """Note that something could not be removed."""
        self.report.failed.append(Note(kind=thing.kind, id=thing.id, why=why))

    def note_gone(self, thing: Deleted, amount: Amount) -> None:
        """Note that something is removed, or would be."""
        self.gone.add((thing.kind, thing.id))
        found = Thing(kind=thing.kind, id=thing.id, deleted=thing.since, objects=amount.objects, bytes=amount.bytes)
        self.report.things.append(found)


def collect_page(collection: Collection, page: Sequence[Deleted], *, marked: bool = False) -> None:
    """Remove runs or models, all of one kind; `marked` are those whose removal was begun before."""
    opened = _looked_at(collection, [thing for thing in page if marked or _goes(collection, thing)])
    if collection.report.dry_run:
        for thing, amount in _each(collection, opened, collection.stores.measure):
            collection.note_gone(thing, amount)
        return
    marks = _mark(collection, [thing for thing, _ in opened])
    emptied = _each(collection, [(thing, each) for thing, each in opened if thing.key in marks], _emptied(collection))
    for thing in _remove_rows(collection, [thing for thing, _ in emptied]):
        collection.note_gone(thing, next(amount for each, amount in emptied if each is thing))


def _goes(collection: Collection, thing: Deleted) -> bool:
    if thing.since is None and collection.reach.age and not thing.forced:
        collection.keep(thing, UNKNOWN)
        return False
    if why := collection.references.things.get(thing.id):
        collection.keep(thing, why)
        return False
    return True


def _looked_at(collection: Collection, things: Sequence[Deleted]) -> list[tuple[Deleted, Opened]]:
    """List the first artifacts of each, before anything is begun: what cannot be read stays as it is."""

    def look(thing: Deleted) -> Opened:
        folder = own_folder(thing.uri, thing.id, collection.behind, collection.taken)
        return collection.stores.look(folder)

    found = []
    for thing, result in zip(things, collection.pool.map(_tried(look), things), strict=True):
        if isinstance(result, Opened):
            found.append((thing, result))
        else:
            collection.fail(thing, str(result))
    return found


def _emptied(collection: Collection) -> Callable[[Opened], Amount]:
    def empty(opened: Opened) -> Amount:
        amount = collection.stores.empty(opened)
        if opened.folder.name == "artifacts":
            collection.stores.tidy(opened.folder.above)
        return amount

    return empty


def _each(
    collection: Collection, opened: Sequence[tuple[Deleted, Opened]], work: Callable[[Opened], Amount]
) -> list[tuple[Deleted, Amount]]:
    """Work on each folder, some at the same time; what fails is noted, and can be restored again if nothing is gone."""
    found, untouched = [], []
    results = collection.pool.map(_tried(work), [each for _, each in opened])
    for (thing, _), result in zip(opened, results, strict=True):
        if isinstance(result, Amount):
            found.append((thing, result))
            continue
        collection.fail(thing, str(result))
        if isinstance(result, StoreError) and not result.removed:
            untouched.append(thing)
    if untouched and not collection.report.dry_run:
        kind, ids = untouched[0].kind, [thing.id for thing in untouched]
        collection.writing.run(lambda connection: removals.end(connection, kind, ids))
    return found


def _tried(work: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def attempt(about: Any) -> Any:
        try:
            return work(about)
        except (NoPlaceError, StoreError) as error:
            return error

    return attempt


def _mark(collection: Collection, things: Sequence[Deleted]) -> set[Any]:
    """Mark those that are still to be removed, with their rows locked; gives their keys."""
    if not things:
        return set()
    kind, ids = things[0].kind, [thing.id for thing in things]
    key = column(collection.tables, kind)
    asked = select(key).where(key.in_([thing.key for thing in things])).order_by(key)
    if not things[0].forced:
        asked = asked.where(collection.reach.reaches(collection.tables, kind))

    def mark(connection: Connection) -> tuple[set[Any], dict[str, str]]:
        known = {*removals.begun(connection, kind)} & {*ids}
        found = set(connection.execute(asked.with_for_update()).scalars())
        pointed = newly_pointed_to(connection, collection.tables, [each for each in ids if each not in known])
        marked = {each for each in found if str(each) not in pointed}
        removals.begin(connection, kind, [str(each) for each in marked])
        return marked | {thing.key for thing in things if thing.id in known}, pointed

    marked, pointed = collection.writing.run(mark)
    for thing in things:
        if thing.id in pointed:
            collection.keep(thing, pointed[thing.id])
    return marked


def _remove_rows(collection: Collection, things: Sequence[Deleted]) -> list[Deleted]:
    """Remove the rows of things whose artifacts are gone, one by one if not all at once; gives those that are gone."""
    if not things:
        return []
    try:
        return remove_marked(collection, things)
    except SQLAlchemyError as error:
        if isinstance(error, IntegrityError) and len(things) > 1:
            return [gone for thing in things for gone in _remove_rows(collection, [thing])]
        for thing in things:
            collection.fail(thing, f"its rows cannot be removed: {_first_line(error)}")
        return []


def remove_marked(collection: Collection, things: Sequence[Deleted]) -> list[Deleted]:
    """Remove the rows of marked things, and then the marks; gives those that are gone. Raises what SQLAlchemy
    raises."""
    kind, ids = things[0].kind, [thing.id for thing in things]
    key, found = column(collection.tables, kind), collection.steps(kind)
    goes: ColumnElement[bool] = key.in_([thing.key for thing in things])
    if not things[0].forced:
        goes &= key.table.c.lifecycle_stage == DELETED
    with collection.writing.reading() as connection:
        keys = list(connection.execute(select(key).where(goes)).scalars())
    collection.report.rows += remove_belongings(collection.writing, found, keys) if keys else 0

    def remove(connection: Connection) -> tuple[int, set[Any]]:
        count = remove_left(connection, found, keys)
        count += connection.execute(delete(key.table).where(goes)).rowcount
        left = set(connection.execute(select(key).where(key.in_([thing.key for thing in things]))).scalars())
        removals.end(connection, kind, ids)
        return count, left

    count, left = collection.writing.run(remove)
    collection.report.rows += count
    for thing in things:
        if thing.key in left:
            collection.fail(thing, RESTORED)
    return [thing for thing in things if thing.key not in left]


def _first_line(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
