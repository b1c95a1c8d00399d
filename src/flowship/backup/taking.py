"""Takes a backup: begun, dumped by the database's own program, checked, and only then kept and told of.

On one machine all of it happens in one process. In a pod the dump is taken by a container of the database's own image,
between two of Flowship's: the first writes the script, the second checks what the script has left.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from flowship import __version__
from flowship.backup import programs, record
from flowship.backup.checking import check, raw_name
from flowship.backup.manifest import Manifest, time_of
from flowship.backup.place import explained, revisions
from flowship.backup.scripts import write_scripts
from flowship.database import interrupted, restoring
from flowship.database.engine import open_engine
from flowship.database.revision import Standing, read_state
from flowship.database.sqlite import BUSY
from flowship.database.url import sqlite_file
from flowship.database.wait import wait
from flowship.errors import BackupError, MigrationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from flowship.backup.catalog import Catalog
    from flowship.backup.manifest import Dump
    from flowship.backup.place import Place

    Report = Callable[[str], None]

PAUSE = 5.0
CURRENT = "backup"
"""The file, among the scripts, with the name of the backup that is being taken."""


def take(places: Sequence[Place], catalog: Catalog, keep: int, environ: Mapping[str, str], report: Report) -> Manifest:
    """Take a backup, with the programs of this machine.

    Raises:
        BackupError: it could not be taken or kept; those that are there are untouched.
        DatabaseError: a database does not answer.
    """
    name, folder = _begin(places, catalog, report)
    for place, dump in _left_to_programs(places, folder):
        programs.dump_here(programs.dumping(place.url, environ), dump)
    return _finish(places, catalog, name, keep, report)


def begin(
    places: Sequence[Place],
    catalog: Catalog,
    work: Path,
    environ: Mapping[str, str],
    report: Report,
    patience: float = 0,
) -> None:
    """Begin a backup whose servers are dumped by the scripts that are written here; `patience` is for databases that a
    server or a restore is about to fill, in seconds. Raises as `take` does."""
    _wait_until_used(places, report, patience)
    name, folder = _begin(places, catalog, report)
    scripts = {
        place.database: programs.dump_script(programs.dumping(place.url, environ), str(dump))
        for place, dump in _left_to_programs(places, folder)
    }
    write_scripts(work, scripts)
    (work / CURRENT).write_text(name)


def finish(places: Sequence[Place], catalog: Catalog, work: Path, keep: int, report: Report) -> Manifest:
    """Check and keep the backup that was begun there. Raises as `take` does."""
    return _finish(places, catalog, (work / CURRENT).read_text(), keep, report)


def skip(work: Path) -> None:
    """Begin nothing: the scripts do nothing then."""
    write_scripts(work, {})
    (work / CURRENT).write_text("")


def is_begun(work: Path) -> bool:
    """Whether a backup was begun there, and not skipped."""
    return bool((work / CURRENT).read_text())


def keep_begun(places: Sequence[Place], catalog: Catalog, work: Path, keep: int, report: Report) -> Manifest:
    """As `finish`, but the database is not told of its backup. Raises as `take` does."""
    return _keep(places, catalog, (work / CURRENT).read_text(), keep, report)


def _begin(places: Sequence[Place], catalog: Catalog, report: Report) -> tuple[str, Path]:
    for place in places:
        _require_used(place, report)
    name = catalog.begin(datetime.now(UTC))
    return name, catalog.partial(name)


def _wait_until_used(places: Sequence[Place], report: Report, patience: float) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            for place in places:
                _require_used(place, report)
        except (BackupError, MigrationError) as error:
            report(f"{error} Looking again in {PAUSE:.0f} s.")
            time.sleep(PAUSE)
        else:
            return


def _require_used(place: Place, report: Report) -> None:
    """Refuse to take a database that holds nothing yet, or something else, for one that was backed up."""
    if place.kind == "sqlite" and not sqlite_file(place.url).exists():
        raise BackupError(f"{place.shown} is not there, so there is nothing to back up. Check --data.")
    wait(place.url, report=report, key=place.key)
    with explained(place, "Looking at"):
        restoring.refuse_unfinished(place.url, place.key)
        engine = open_engine(place.url)
        state = read_state(engine, place.part)
        if interrupted.is_noted(engine, place.part):
            raise BackupError(f"{place.shown} is being migrated, or its migration was interrupted.")
    if state.standing is Standing.EMPTY or (state.standing is Standing.OLDER and not state.used):
        raise BackupError(f"{place.shown} holds no tables of MLflow yet, so there is nothing to back up.")
    if state.standing is Standing.FOREIGN:
        raise BackupError(f"{place.shown} holds tables that are not MLflow's ({', '.join(state.strangers[:5])}).")


def _left_to_programs(places: Sequence[Place], folder: Path) -> Iterator[tuple[Place, Path]]:
    """Dump what SQLite holds; gives each database that a program has to dump, and into which file."""
    for place in places:
        dump = folder / raw_name(place.database, place.kind)
        if place.kind == "sqlite":
            _dump_sqlite(place, dump)
        else:
            yield place, dump


def _dump_sqlite(place: Place, target: Path) -> None:
    source = sqlite_file(place.url)
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise BackupError(f"{place.shown} cannot be copied: {error}.") from error


def _finish(places: Sequence[Place], catalog: Catalog, name: str, keep: int, report: Report) -> Manifest:
    manifest = _keep(places, catalog, name, keep, report)
    tracking = places[0]
    with explained(tracking, "Keeping the time of the backup in"):
        record.remember(tracking.url, manifest)
    return manifest


def _keep(places: Sequence[Place], catalog: Catalog, name: str, keep: int, report: Report) -> Manifest:
    folder = catalog.partial(name)
    dumps = {place.database: check(folder, place.database, place.kind) for place in places}
    for place in places:
        if place.kind == "mysql":
            _require_unchanged(place, dumps[place.database])
    manifest = Manifest(name=name, time=time_of(name), flowship=__version__, mlflow=version("mlflow"), databases=dumps)
    catalog.finish(manifest)
    for database, dump in dumps.items():
        report(f"{database}: {sum(dump.rows.values())} rows of {len(dump.rows)} tables, {dump.size} bytes, whole")
    if pruned := catalog.prune(keep):
        report(f"removed older ones: {', '.join(pruned)}")
    return manifest


def _require_unchanged(place: Place, dump: Dump) -> None:
    """Refuse a dump that a migration has run into: to MySQL, changes of the schema belong to no transaction."""
    with explained(place, "Looking at"):
        engine = open_engine(place.url)
        migrated = interrupted.is_noted(engine, place.part)
        changed = migrated or revisions(engine, {name: name for name in dump.revisions}) != dump.revisions
    if changed:
        raise BackupError(f"{place.shown} was migrated while it was dumped. Nothing was kept of the dump; try again.")
