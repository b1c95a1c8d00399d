"""The traces of an experiment that is removed: they have no deleted state of their own.

Their artifacts are in a folder of the experiment's place, which others may share: only what bears the name of one of
its traces goes. What clients say of a trace's place is not believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from flowship.garbage.places import NoPlaceError, own_folder
from flowship.garbage.rows import remove_belongings, remove_left
from flowship.garbage.stores import Amount
from flowship.garbage.tables import column
from flowship.mlflow_seams.database.belongings import ARCHIVE, TRACES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from flowship.artifacts.removing.store import Stored
    from flowship.garbage.collecting import Collection
    from flowship.garbage.places import Folder
    from flowship.garbage.stores import Opened

AT_ONCE = 200
"""Traces whose rows are removed at once."""


@dataclass
class Traces:
    """The traces of one experiment, with their artifacts."""

    collection: Collection
    experiment: int
    opened: Opened
    archived: list[Folder]
    count: int

    @classmethod
    def of(cls, collection: Collection, experiment: int, place: Folder) -> Traces:
        """Look at the traces of an experiment with this place.

        Raises:
            StoreError: the place cannot be read.
            NoPlaceError: spans were moved to where Flowship cannot know that it is theirs.
        """
        key = column(collection.tables, "trace")
        tags = collection.tables.tables["trace_tags"]
        mine = key.table.c.experiment_id == experiment
        asked = select(key, tags.c.value).join_from(key.table, tags, tags.c.request_id == key)
        with collection.writing.reading() as connection:
            count = connection.execute(select(func.count()).select_from(key.table).where(mine)).scalar_one()
            rows = connection.execute(asked.where(mine, tags.c.key == ARCHIVE)).all()
        archived = [_archive(uri, name, experiment, collection.behind) for name, uri in rows]
        return cls(collection, experiment, collection.stores.look(place.below(TRACES)), archived, count)

    def measure(self) -> Amount:
        """Count the artifacts. Raises StoreError."""
        return self._each(self.collection.stores.measure)

    def empty(self) -> Amount:
        """Remove the artifacts. Raises StoreError."""
        return self._each(self.collection.stores.empty)

    def _each(self, work: Callable[..., Amount]) -> Amount:
        found = work(self.opened, self._own)
        stores = self.collection.stores
        for amount in self.collection.pool.map(lambda folder: work(stores.look(folder)), self.archived):
            found = Amount(found.objects + amount.objects, found.bytes + amount.bytes)
        return found

    def _own(self, page: list[Stored]) -> list[Stored]:
        """Choose what is in the folder of a trace of this experiment."""
        names = {each.name: _first_name(each.name, self.opened.folder.path) for each in page}
        key = column(self.collection.tables, "trace")
        asked = select(key).where(key.in_({*names.values()}), key.table.c.experiment_id == self.experiment)
        with self.collection.writing.reading() as connection:
            known = set(connection.execute(asked).scalars())
        return [each for each in page if names[each.name] in known]


def remove_trace_rows(collection: Collection, experiment: int) -> int:
    """Remove the rows of an experiment's traces, some at a time; how many rows that were. Raises what SQLAlchemy
    raises."""
    key, found = column(collection.tables, "trace"), collection.steps("trace")
    asked = select(key).where(key.table.c.experiment_id == experiment).limit(AT_ONCE)
    removed = 0
    while True:
        with collection.writing.reading() as connection:
            ids: list[Any] = list(connection.execute(asked).scalars())
        if not ids:
            return removed
        removed += remove_belongings(collection.writing, found, ids)

        def remove(connection: Connection, ids: list[Any] = ids) -> int:
            left = remove_left(connection, found, ids)
            return left + connection.execute(delete(key.table).where(key.in_(ids))).rowcount

        removed += collection.writing.run(remove)


def _archive(uri: str, name: str, experiment: int, behind: str) -> Folder:
    """Give the folder of a trace's moved spans, if it is as MLflow makes it. Raises NoPlaceError."""
    found = own_folder(uri, name, behind)
    if found.path.split("/")[-4:-1] != [str(experiment), TRACES, name]:
        raise NoPlaceError(f"the spans of its trace {name} are at {uri}, which may be another's")
    return found


def _first_name(path: str, folder: str) -> str:
    return path.removeprefix(folder).lstrip("/").partition("/")[0]
