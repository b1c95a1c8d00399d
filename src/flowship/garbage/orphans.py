"""Artifacts that no row knows: of runs, models and traces whose rows are gone, which *delete* of a trace and a kill of
other tools leave behind.

Only what lies as MLflow lays it is looked at: `<experiment>/<run>/artifacts`, `<experiment>/models/<model>/artifacts`
and `<experiment>/traces/<trace>/artifacts`, where the experiment is a number at the root, or of a workspace, or a place
that an experiment of the database names. Anything else in a bucket may be anybody's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from flowship.garbage.places import NoPlaceError, known_folder, real_folder
from flowship.garbage.report import Thing
from flowship.garbage.stores import Amount, StoreError
from flowship.garbage.tables import column
from flowship.mlflow_seams.database.belongings import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import MetaData

    from flowship.artifacts.removing.store import Stored
    from flowship.garbage.collecting import Collection
    from flowship.garbage.places import Folder
    from flowship.garbage.writing import Writing
    from flowship.mlflow_seams.database.belongings import Kind

AT_ONCE = 500
"""Things that the database is asked for at once."""

_EXPERIMENT = re.compile(r"((workspaces/[^/]+/)?[0-9]+)/")
_INSIDE = re.compile(
    r"(?P<path>((?P<run>[0-9a-f]{32})|models/(?P<model>m-[0-9a-f]{32})|traces/(?P<trace>[^/]+))/artifacts)/."
)
"""How MLflow lays things in the place of an experiment."""


@dataclass
class Unit:
    """The artifacts of one thing."""

    kind: Kind
    id: str
    folder: Folder
    amount: Amount
    newest: datetime

    @property
    def thing(self) -> Thing:
        """Tell of it in a report."""
        return Thing(kind=self.kind, id=self.id, objects=self.amount.objects, bytes=self.amount.bytes)

    def add(self, stored: Stored) -> None:
        """Count another artifact."""
        self.amount.add([stored])
        self.newest = max(self.newest, stored.modified)


def known_unit(path: str, experiments: Iterable[str]) -> tuple[Kind, str, str] | None:
    """Tell the kind, the id and the folder of the thing that an artifact is of, by its path below the root; None for
    what MLflow has not laid there. `experiments` are places below the root that experiments name."""
    places = [found[1]] if (found := _EXPERIMENT.match(path)) else []
    places += [each for each in experiments if path.startswith(f"{each}/")]
    for place in sorted(places, key=len, reverse=True):
        if inside := _INSIDE.match(path, len(place) + 1):
            kind, name = next((kind, name) for kind, name in inside.groupdict().items() if kind in TABLES and name)
            return _kind(kind), name, f"{place}/{inside['path']}"
    return None


def _kind(word: str) -> Kind:
    return next(kind for kind in TABLES if kind == word)


def find(collection: Collection) -> list[Unit]:
    """Find what no row knows and nothing has been added to for the age of the collection, at the root. Raises
    StoreError and NoPlaceError."""
    top = known_folder(collection.behind)
    experiments = _places_below(collection, top)
    orphans: list[Unit] = []
    waiting: dict[str, Unit] = {}
    for stored in _all(collection, top):
        path = stored.name.removeprefix(top.path).lstrip("/")
        if (known := known_unit(path, experiments)) is None:
            continue
        kind, name, place = known
        if place in waiting:
            waiting[place].add(stored)
            continue
        if len(waiting) >= AT_ONCE:  # what is in one folder is listed together
            orphans += _without_rows(collection, waiting.values())
            waiting = {}
        waiting[place] = Unit(kind, name, top.below(place), Amount(), stored.modified)
        waiting[place].add(stored)
    return [*orphans, *_without_rows(collection, waiting.values())]


def remove(collection: Collection, orphans: Sequence[Unit]) -> Iterator[tuple[Unit, Amount | StoreError]]:
    """Remove these, unless a row has come to one meanwhile."""
    for start in range(0, len(orphans), AT_ONCE):
        for unit in _without_rows(collection, orphans[start : start + AT_ONCE]):
            try:
                amount = collection.stores.empty(collection.stores.look(unit.folder))
                collection.stores.tidy(unit.folder.above)
            except StoreError as error:
                yield unit, error
            else:
                yield unit, amount


def _all(collection: Collection, top: Folder) -> Iterator[Stored]:
    for page in collection.stores.look(top).pages():
        yield from page


def _places_below(collection: Collection, top: Folder) -> list[str]:
    """Give the places below the root that experiments name, besides their numbers."""
    experiments = collection.tables.tables["experiments"]
    found = []
    with collection.writing.reading() as connection:
        for uri in connection.execute(select(experiments.c.artifact_location)).scalars():
            try:
                folder = real_folder(uri or "", collection.behind)
            except NoPlaceError:
                continue
            inner = folder.path.removeprefix(top.path).strip("/")
            within = folder.store == top.store and folder.path.startswith(f"{top.path}/" if top.path else "")
            if within and inner and not inner.isdecimal():
                found.append(inner)
    return found


def _without_rows(collection: Collection, units: Iterable[Unit]) -> list[Unit]:
    """Choose those that no row knows, nothing points to, and are old enough: an upload may be under way."""
    limit = collection.reach.now - collection.reach.age
    old = [unit for unit in units if unit.newest <= limit and unit.id not in collection.references.things]
    known = {kind: _ids(collection.writing, collection.tables, kind, old) for kind in TABLES}
    return [unit for unit in old if unit.id not in known[unit.kind]]


def _ids(writing: Writing, tables: MetaData, kind: Kind, units: Sequence[Unit]) -> set[Any]:
    ids = [unit.id for unit in units if unit.kind == kind]
    if not ids:
        return set()
    key = column(tables, kind)
    with writing.reading() as connection:
        return set(connection.execute(select(key).where(key.in_(ids))).scalars())
