"""Restores a backup into empty databases, and counts what came in.

Nothing is touched before every dump is known to be whole and every database to be empty. A restore that was killed is
done again: see `flowship.database.restoring` for what it leaves.
"""

from __future__ import annotations

import gzip
import shutil
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flowship.backup import programs, record
from flowship.backup.checking import CHUNK, digest
from flowship.backup.place import explained, revisions, rows
from flowship.backup.record import Restored
from flowship.backup.scripts import write_scripts
from flowship.database import restoring, settings_table, sqlite
from flowship.database.engine import open_engine
from flowship.database.lock import locked
from flowship.database.revision import Part
from flowship.database.url import is_sqlite, sqlite_file
from flowship.database.wait import wait
from flowship.errors import BackupError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from flowship.backup.catalog import Catalog
    from flowship.backup.manifest import Dump, Manifest
    from flowship.backup.place import Place

    Report = Callable[[str], None]

SHOWN = 5
"""Of more tables than these, no more are named."""
CURRENT = "restore"
"""The file, among the scripts, with the name of the backup that is being restored."""


def restore(places: Sequence[Place], catalog: Catalog, name: str, environ: Mapping[str, str], report: Report) -> None:
    """Restore a backup, with the programs of this machine.

    Raises:
        BackupError: it is damaged or does not fit, a database is not empty, or what came in is not what was dumped.
        DatabaseError: a database does not answer.
    """
    manifest = _whole(catalog, name, report)
    chosen = _chosen(places, manifest, report)
    with ExitStack() as locks:
        for place in chosen:
            _wait_for(place, report)
            locks.enter_context(locked(place.url, report=report))
        for place, file in _left_to_programs(chosen, catalog, manifest, report):
            programs.load_here(programs.loading(place.url, environ), file)
        _finish(chosen, manifest, name, report)


def begin(
    places: Sequence[Place],
    catalog: Catalog,
    name: str,
    work: Path,
    environ: Mapping[str, str],
    report: Report,
    requested: str = "",
) -> None:
    """Begin a restore whose servers are loaded by the scripts that are written here. Does nothing when the tracking
    database was restored for the same request before, which is the backup's name unless it is called otherwise. Raises
    as `restore` does."""
    for place in places:
        _wait_for(place, report)
    (work / CURRENT).write_text("")
    scripts = {}
    if done := restored_from(places, requested or name):
        report(f"{places[0].shown} was restored from backup {done} before; nothing is to be done")
    else:
        manifest = _whole(catalog, name, report)
        chosen = _chosen(places, manifest, report)
        with ExitStack() as locks:
            for place in chosen:
                locks.enter_context(locked(place.url, report=report))
            for place, file in _left_to_programs(chosen, catalog, manifest, report):
                scripts[place.database] = programs.load_script(programs.loading(place.url, environ), str(file))
        (work / CURRENT).write_text(manifest.name)
    write_scripts(work, scripts)


def finish(places: Sequence[Place], catalog: Catalog, requested: str, work: Path, report: Report) -> None:
    """Check what the scripts have loaded. Raises as `restore` does."""
    if name := (work / CURRENT).read_text():
        manifest = catalog.find(name)
        _finish(_chosen(places, manifest, report), manifest, requested, report)


def restored_from(places: Sequence[Place], requested: str) -> str | None:
    """The backup that the databases were restored from for this request, if they were and nothing is left to do."""
    tracking = places[0]
    with explained(tracking, "Looking at"):
        if any(restoring.note(place.url) for place in places) or not restoring.tables(tracking.url):
            return None
        found = record.restored(open_engine(tracking.url))
    return found.backup if found and found.requested == requested else None


def _whole(catalog: Catalog, name: str, report: Report) -> Manifest:
    """The backup, when its files are what they were."""
    manifest = catalog.find(name)
    catalog.fetch(manifest)
    for dump in manifest.databases.values():
        file = catalog.file(manifest, dump.file)
        if digest(file) != dump.sha256:
            raise BackupError(f"{file} is damaged: its SHA-256 is not that of the manifest. Restore another backup.")
    report(f"backup {manifest.name}: its files are whole")
    return manifest


def _chosen(places: Sequence[Place], manifest: Manifest, report: Report) -> list[Place]:
    """The databases that the backup has dumps for, when those fit."""
    for database in manifest.databases.keys() - {place.database for place in places}:
        report(f"the {database} database of the backup is left out: the values name none")
    chosen = [place for place in places if place.database in manifest.databases]
    for place in places:
        if place not in chosen:
            report(f"the backup holds nothing for {place.shown}, which stays as it is")
    for place in chosen:
        _require_fit(place, manifest.databases[place.database])
    return chosen


def _require_fit(place: Place, dump: Dump) -> None:
    if dump.kind != place.kind:
        raise BackupError(f"{place.shown} cannot take a dump of {dump.kind}. Name an empty database of that kind.")
    known = {revision for part in Part for revision in part.revisions}  # one database may hold both
    if unknown := set(dump.revisions.values()) - known:
        raise BackupError(
            f"The backup is at revision {', '.join(sorted(unknown))}, which this MLflow does not know. Restore it with"
            " the version that took it, or a newer one."
        )


def _wait_for(place: Place, report: Report) -> None:
    wait(place.url, report=report, key=place.key)
    if is_sqlite(place.url):
        sqlite.make_directories(sqlite_file(place.url).parent)


def _left_to_programs(
    places: Sequence[Place], catalog: Catalog, manifest: Manifest, report: Report
) -> Iterator[tuple[Place, Path]]:
    """Note the restore, and load what SQLite holds; gives each database that a program has to load, and its dump."""
    for place in _begin(places, manifest, report):
        file = catalog.file(manifest, manifest.databases[place.database].file)
        if place.kind == "sqlite":
            _load_sqlite(place, file)
        else:
            yield place, file


def _begin(places: Sequence[Place], manifest: Manifest, report: Report) -> list[Place]:
    """Note the restore in every database; gives those that are still to be loaded."""
    if _is_loaded(places[0], manifest):
        return []
    for place in places:
        with explained(place, "Looking at"):
            _require_empty(place)
    to_load = []
    for place in places:
        with explained(place, "Restoring into"):
            if _note_down(place, manifest, report):
                to_load.append(place)
    return to_load


def _is_loaded(tracking: Place, manifest: Manifest) -> bool:
    """Whether a restore of this backup was interrupted when nothing but its notes was left to be removed."""
    with explained(tracking, "Looking at"):
        if restoring.note(tracking.url) is None or not restoring.tables(tracking.url):
            return False
        found = record.restored(open_engine(tracking.url))
    return found is not None and found.backup == manifest.name


def _require_empty(place: Place) -> None:
    """Refuse a database with any table but those of an unfinished restore."""
    note = restoring.note(place.url)
    own = {_plain(place, name) for name in note.tables} if note else set()
    strangers = sorted(set(restoring.tables(place.url)) - own)
    if strangers:
        more = f" and {len(strangers) - SHOWN} more" if len(strangers) > SHOWN else ""
        raise BackupError(
            f"{place.shown} is not empty: it holds {', '.join(strangers[:SHOWN])}{more}. A backup is restored into an"
            " empty database only: name another one, or empty this one yourself."
        )


def _note_down(place: Place, manifest: Manifest, report: Report) -> bool:
    """Note the restore; whether the database is still to be loaded."""
    if note := restoring.note(place.url):
        if place.kind == "postgresql" and restoring.tables(place.url):
            if note.backup == manifest.name:
                return False  # it was loaded whole: there, that is one transaction
            raise BackupError(
                f"{place.shown} holds backup {note.backup}, whose restore was not finished. Restore that one, or empty"
                " the database."
            )
        report(f"a restore of backup {note.backup} into {place.shown} was interrupted; starting it anew")
        restoring.clear(place.url, note)
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    tables = list(manifest.databases[place.database].rows)
    restoring.begin(place.url, restoring.Note(manifest.name, now, tables))
    return True


def _load_sqlite(place: Place, file: Path) -> None:
    target = sqlite_file(place.url)
    new = target.with_name(f"{target.name}.new")
    new.unlink(missing_ok=True)
    with explained(place, "Restoring into"):
        sqlite.prepare(new)
        with gzip.open(file) as source, new.open("wb") as content:
            shutil.copyfileobj(source, content, CHUNK)
        new.replace(target)


def _finish(places: Sequence[Place], manifest: Manifest, requested: str, report: Report) -> None:
    for place in places:
        _require_same(place, manifest.databases[place.database])
        expected = manifest.databases[place.database].rows
        report(f"{place.shown}: {sum(expected.values())} rows of {len(expected)} tables, as in the backup")
    tracking = places[0]
    with explained(tracking, "Restoring into"):
        record.remember_restored(tracking.url, Restored(requested, manifest.name))
        record.remember(tracking.url, manifest)
        for place in reversed(places):  # the tracking database last: it says whether all is done
            restoring.end(place.url)


def _require_same(place: Place, dump: Dump) -> None:
    engine = open_engine(place.url)
    by_name = {_plain(place, name): name for name in dump.rows}
    # Flowship's own table gets a row more when all is done, and may have it by now.
    counted = [name for plain, name in by_name.items() if plain != settings_table.NAME]
    with explained(place, "Counting the rows of"):
        found = rows(engine, counted)
        at = revisions(engine, {plain: by_name[plain] for plain in dump.revisions})
    differing = [f"{name} ({found[name]} of {dump.rows[name]})" for name in counted if found[name] != dump.rows[name]]
    differing += [f"{name} (at {at[name]})" for name in dump.revisions if at[name] != dump.revisions[name]]
    if differing:
        raise BackupError(
            f"{place.shown} does not hold what the backup does: {', '.join(differing[:SHOWN])}. Empty it, and restore"
            " again."
        )


def _plain(place: Place, name: str) -> str:
    """A table's name without the schema that PostgreSQL's dumps put before it."""
    return name.rpartition(".")[2] if place.kind == "postgresql" else name
