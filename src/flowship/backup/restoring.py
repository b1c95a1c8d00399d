"""Restores a backup into empty databases, and counts what came in.

Nothing is touched before every dump is known to be whole and every database to be empty. A restore that was killed is
done again: see `flowship.database.own_tables.unfinished_restore` for what it leaves.
"""

from __future__ import annotations

import gzip
import shutil
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flowship.backup import programs, record
from flowship.backup.checking import CHUNK, digest
from flowship.backup.comparing import revisions, rows
from flowship.backup.explaining import explained
from flowship.backup.record import Restored
from flowship.backup.scripts import write_scripts
from flowship.database import sqlite
from flowship.database.lock import locked
from flowship.database.own_tables import sessions_table, settings_table, unfinished_restore
from flowship.database.own_tables.unfinished_restore import UnfinishedRestore
from flowship.database.part import Part
from flowship.database.wait import wait
from flowship.errors import BackupError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from flowship.backup.catalog import Catalog
    from flowship.backup.manifest import Dump, Manifest
    from flowship.database.database import Database, Databases

    Report = Callable[[str], None]

SHOWN = 5
"""Of more tables than these, no more are named."""
CURRENT = "restore"
"""The file, among the scripts, with the name of the backup that is being restored."""


def restore(databases: Databases, catalog: Catalog, name: str, environ: Mapping[str, str], report: Report) -> None:
    """Restore a backup, with the programs of this machine.

    Raises:
        BackupError: it is damaged or does not fit, a database is not empty, or what came in is not what was dumped.
        DatabaseError: a database does not answer.
    """
    manifest = _whole(catalog, name, report)
    chosen = _chosen(databases, manifest, report)
    with ExitStack() as locks:
        for database in chosen.distinct:
            _wait_for(database, report)
            locks.enter_context(locked(database, report=report))
        for database, file in _left_to_programs(chosen, catalog, manifest, report):
            programs.load_here(programs.loading(database, environ), file)
        _finish(chosen, manifest, name, report)


def begin(
    databases: Databases,
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
    for database in databases.distinct:
        _wait_for(database, report)
    (work / CURRENT).write_text("")
    scripts = {}
    if done := restored_from(databases, requested or name):
        report(f"{databases.tracking.named} was restored from backup {done} before; nothing is to be done")
    else:
        manifest = _whole(catalog, name, report)
        chosen = _chosen(databases, manifest, report)
        with ExitStack() as locks:
            for database in chosen.distinct:
                locks.enter_context(locked(database, report=report))
            for database, file in _left_to_programs(chosen, catalog, manifest, report):
                scripts[database.part] = programs.load_script(programs.loading(database, environ), str(file))
        (work / CURRENT).write_text(manifest.name)
    write_scripts(work, scripts)


def finish(databases: Databases, catalog: Catalog, requested: str, work: Path, report: Report) -> None:
    """Compare what the scripts have loaded with the backup. Raises as `restore` does."""
    if name := (work / CURRENT).read_text():
        manifest = catalog.find(name)
        _finish(_chosen(databases, manifest, report), manifest, requested, report)


def restored_from(databases: Databases, requested: str) -> str | None:
    """Tell the backup that the databases were restored from for this request, if they were and nothing is left to
    do."""
    tracking = databases.tracking
    with explained(tracking, "Looking at"):
        if any(map(unfinished_restore.find, databases.distinct)) or not unfinished_restore.tables(tracking):
            return None
        found = record.restored(tracking.engine())
    return found.backup if found and found.requested == requested else None


def _whole(catalog: Catalog, name: str, report: Report) -> Manifest:
    """Find the backup, when its files are what they were."""
    manifest = catalog.find(name)
    catalog.fetch(manifest)
    for dump in manifest.databases.values():
        file = catalog.file(manifest, dump.file)
        if digest(file) != dump.sha256:
            raise BackupError(f"{file} is damaged: its SHA-256 is not that of the manifest. Restore another backup.")
    report(f"backup {manifest.name}: its files are whole")
    return manifest


def _chosen(databases: Databases, manifest: Manifest, report: Report) -> Databases:
    """Choose the databases that the backup has dumps for, when those fit."""
    for part in manifest.databases.keys() - {database.part for database in databases.distinct}:
        report(f"the {part} database of the backup is left out: the values name none")
    chosen = databases
    if len(databases.distinct) > 1 and Part.AUTH not in manifest.databases:
        report(f"the backup holds nothing for {databases.distinct[1].named}, which stays as it is")
        chosen = replace(databases, auth=None)
    for database in chosen.distinct:
        _require_fit(database, manifest.databases[database.part])
    return chosen


def _require_fit(database: Database, dump: Dump) -> None:
    if dump.kind != database.kind:
        raise BackupError(f"{database.named} cannot take a dump of {dump.kind}. Name an empty database of that kind.")
    known = {revision for part in Part for revision in part.revisions}  # one database may hold both
    if unknown := set(dump.revisions.values()) - known:
        raise BackupError(
            f"The backup is at revision {', '.join(sorted(unknown))}, which this MLflow does not know. Restore it with"
            " the version that took it, or a newer one."
        )


def _wait_for(database: Database, report: Report) -> None:
    wait(database, report=report)
    if database.is_file:
        sqlite.make_directories(database.file.parent)


def _left_to_programs(
    databases: Databases, catalog: Catalog, manifest: Manifest, report: Report
) -> Iterator[tuple[Database, Path]]:
    """Mark the databases, and load what SQLite holds; gives each database that a program has to load, and its dump."""
    for database in _begin(databases, manifest, report):
        file = catalog.file(manifest, manifest.databases[database.part].file)
        if database.is_file:
            _load_sqlite(database, file)
        else:
            yield database, file


def _begin(databases: Databases, manifest: Manifest, report: Report) -> list[Database]:
    """Mark every database; gives those that are still to be loaded."""
    if _is_loaded(databases.tracking, manifest):
        return []
    for database in databases.distinct:
        with explained(database, "Looking at"):
            _require_empty(database)
    to_load = []
    for database in databases.distinct:
        with explained(database, "Restoring into"):
            if _mark(database, manifest, report):
                to_load.append(database)
    return to_load


def _is_loaded(tracking: Database, manifest: Manifest) -> bool:
    """Tell whether a restore of this backup was interrupted when nothing but its marks was left to be removed."""
    with explained(tracking, "Looking at"):
        if unfinished_restore.find(tracking) is None or not unfinished_restore.tables(tracking):
            return False
        found = record.restored(tracking.engine())
    return found is not None and found.backup == manifest.name


def _require_empty(database: Database) -> None:
    """Refuse a database with any table but those of an unfinished restore."""
    unfinished = unfinished_restore.find(database)
    own = {_plain(database, name) for name in unfinished.tables} if unfinished else set()
    strangers = sorted(set(unfinished_restore.tables(database)) - own)
    if strangers:
        more = f" and {len(strangers) - SHOWN} more" if len(strangers) > SHOWN else ""
        raise BackupError(
            f"{database.named} is not empty: it holds {', '.join(strangers[:SHOWN])}{more}. A backup is restored into"
            " an empty database only: name another one, or empty this one yourself."
        )


def _mark(database: Database, manifest: Manifest, report: Report) -> bool:
    """Mark a database; tells whether it is still to be loaded."""
    if unfinished := unfinished_restore.find(database):
        if database.kind == "postgresql" and unfinished_restore.tables(database):
            if unfinished.backup == manifest.name:
                return False  # it was loaded whole: there, that is one transaction
            raise BackupError(
                f"{database.named} holds backup {unfinished.backup}, whose restore was not finished. Restore that one,"
                " or empty the database."
            )
        report(f"a restore of backup {unfinished.backup} into {database.named} was interrupted; starting it anew")
        unfinished_restore.remove_tables(database, unfinished)
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    tables = list(manifest.databases[database.part].rows)
    unfinished_restore.mark(database, UnfinishedRestore(manifest.name, now, tables))
    return True


def _load_sqlite(database: Database, file: Path) -> None:
    target = database.file
    new = target.with_name(f"{target.name}.new")
    new.unlink(missing_ok=True)
    with explained(database, "Restoring into"):
        sqlite.prepare(new)
        with gzip.open(file) as source, new.open("wb") as content:
            shutil.copyfileobj(source, content, CHUNK)
        new.replace(target)


def _finish(databases: Databases, manifest: Manifest, requested: str, report: Report) -> None:
    for database in databases.distinct:
        _require_same(database, manifest.databases[database.part])
        expected = manifest.databases[database.part].rows
        report(f"{database.named}: {sum(expected.values())} rows of {len(expected)} tables, as in the backup")
    tracking = databases.tracking
    with explained(tracking, "Restoring into"):
        record.remember_restored(tracking, Restored(requested, manifest.name))
        record.remember(tracking, manifest)
        for database in databases.distinct:
            sessions_table.clear(database)
        for database in reversed(databases.distinct):  # the tracking database last: it says whether all is done
            unfinished_restore.unmark(database)


def _require_same(database: Database, dump: Dump) -> None:
    engine = database.engine()
    by_name = {_plain(database, name): name for name in dump.rows}
    # Flowship's own table gets a row more when all is done, and may have it by now.
    # Sessions are ended, which may have been done before this is asked.
    changing = (settings_table.NAME, sessions_table.NAME)
    counted = [name for plain, name in by_name.items() if plain not in changing]
    with explained(database, "Counting the rows of"):
        found = rows(engine, counted)
        at = revisions(engine, {plain: by_name[plain] for plain in dump.revisions})
    differing = [f"{name} ({found[name]} of {dump.rows[name]})" for name in counted if found[name] != dump.rows[name]]
    differing += [f"{name} (at {at[name]})" for name in dump.revisions if at[name] != dump.revisions[name]]
    if differing:
        raise BackupError(
            f"{database.named} does not hold what the backup does: {', '.join(differing[:SHOWN])}. Empty it, and"
            " restore again."
        )


def _plain(database: Database, name: str) -> str:
    """Give a table's name without the schema that PostgreSQL's dumps put before it."""
    return name.rpartition(".")[2] if database.kind == "postgresql" else name
