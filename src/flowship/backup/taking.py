"""Takes a backup: begun, dumped by the database's own program, checked, and only then kept and told of.

On one machine all of it happens in one process. In a pod the dump is taken by a container of the database's own image,
between two of Flowship's: the first writes the script, the second checks what the script has left.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from flowship import __version__
from flowship.backup import programs, record
from flowship.backup.checking import check, raw_name
from flowship.backup.comparing import revisions
from flowship.backup.explaining import explained
from flowship.backup.manifest import Manifest, time_of
from flowship.backup.scripts import write_scripts
from flowship.database.migrating import interrupted
from flowship.database.migrating.revision import Standing, read_state
from flowship.database.own_tables import unfinished
from flowship.database.sqlite import BUSY
from flowship.database.wait import wait
from flowship.errors import BackupError, MigrationError
from flowship.until import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from flowship.backup.catalog import Catalog
    from flowship.backup.manifest import Dump
    from flowship.database.database import Database, Databases

    Report = Callable[[str], None]

PAUSE = 5.0
CURRENT = "backup"
"""The file, among the scripts, with the name of the backup that is being taken."""


def take(databases: Databases, catalog: Catalog, keep: int, environ: Mapping[str, str], report: Report) -> Manifest:
    """Take a backup, with the programs of this machine.

    Raises:
        BackupError: it could not be taken or kept; those that are there are untouched.
        DatabaseError: a database does not answer.
    """
    name, folder = _begin(databases, catalog, report)
    for database, dump in _left_to_programs(databases, folder):
        programs.dump_here(programs.dumping(database, environ), dump)
    return _finish(databases, catalog, name, keep, report)


def begin(
    databases: Databases,
    catalog: Catalog,
    work: Path,
    environ: Mapping[str, str],
    report: Report,
    patience: float = 0,
) -> None:
    """Begin a backup whose servers are dumped by the scripts that are written here; `patience` is for databases that a
    server or a restore is about to fill, in seconds. Raises as `take` does."""
    _wait_until_used(databases, report, patience)
    name, folder = _begin(databases, catalog, report)
    scripts = {
        database.part: programs.dump_script(programs.dumping(database, environ), str(dump))
        for database, dump in _left_to_programs(databases, folder)
    }
    write_scripts(work, scripts)
    (work / CURRENT).write_text(name)


def finish(databases: Databases, catalog: Catalog, work: Path, keep: int, report: Report) -> Manifest:
    """Check and keep the backup that was begun there. Raises as `take` does."""
    return _finish(databases, catalog, (work / CURRENT).read_text(), keep, report)


def skip(work: Path) -> None:
    """Begin nothing: the scripts do nothing then."""
    write_scripts(work, {})
    (work / CURRENT).write_text("")


def is_begun(work: Path) -> bool:
    """Tell whether a backup was begun there, and not skipped."""
    return bool((work / CURRENT).read_text())


def keep_begun(databases: Databases, catalog: Catalog, work: Path, keep: int, report: Report) -> Manifest:
    """Do what `finish` does, but the database is not told of its backup. Raises as `take` does."""
    return _keep(databases, catalog, (work / CURRENT).read_text(), keep, report)


def _begin(databases: Databases, catalog: Catalog, report: Report) -> tuple[str, Path]:
    for database in databases.distinct:
        _require_used(database, report)
    name = catalog.begin(datetime.now(UTC))
    return name, catalog.partial(name)


def _wait_until_used(databases: Databases, report: Report, patience: float) -> None:
    def are_used() -> bool:
        try:
            for database in databases.distinct:
                _require_used(database, report)
        except (BackupError, MigrationError) as error:
            report(f"{error} Looking again in {PAUSE:.0f} s.")
            return False
        return True

    if patience:
        until(are_used, every=PAUSE, limit=patience)


def _require_used(database: Database, report: Report) -> None:
    """Refuse to take a database that holds nothing yet, or something else, for one that was backed up."""
    if database.is_file and not database.file.exists():
        raise BackupError(f"{database.named} is not there, so there is nothing to back up. Check --data.")
    wait(database, report=report)
    with explained(database, "Looking at"):
        unfinished.refuse(database)
        state = read_state(database.engine(), database.part)
        if interrupted.is_begun(database):
            raise BackupError(f"{database.named} is being migrated, or its migration was interrupted.")
    if state.standing is Standing.EMPTY or (state.standing is Standing.OLDER and not state.used):
        raise BackupError(f"{database.named} holds no tables of MLflow yet, so there is nothing to back up.")
    if state.standing is Standing.FOREIGN:
        raise BackupError(f"{database.named} holds tables that are not MLflow's ({', '.join(state.strangers[:5])}).")


def _left_to_programs(databases: Databases, folder: Path) -> Iterator[tuple[Database, Path]]:
    """Dump what SQLite holds; gives each database that a program has to dump, and into which file."""
    for database in databases.distinct:
        dump = folder / raw_name(database.part, database.kind)
        if database.is_file:
            _dump_sqlite(database, dump)
        else:
            yield database, dump


def _dump_sqlite(database: Database, target: Path) -> None:
    source = database.file
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise BackupError(f"{database.named} cannot be copied: {error}.") from error


def _finish(databases: Databases, catalog: Catalog, name: str, keep: int, report: Report) -> Manifest:
    manifest = _keep(databases, catalog, name, keep, report)
    tracking = databases.tracking
    with explained(tracking, "Keeping the time of the backup in"):
        record.remember(tracking, manifest)
    return manifest


def _keep(databases: Databases, catalog: Catalog, name: str, keep: int, report: Report) -> Manifest:
    folder = catalog.partial(name)
    dumps = {database.part: check(folder, database.part, database.kind) for database in databases.distinct}
    for database in databases.distinct:
        if database.kind == "mysql":
            _require_unchanged(database, dumps[database.part])
    manifest = Manifest(name=name, time=time_of(name), flowship=__version__, mlflow=version("mlflow"), databases=dumps)
    catalog.finish(manifest)
    for part, dump in dumps.items():
        report(f"{part}: {sum(dump.rows.values())} rows of {len(dump.rows)} tables, {dump.size} bytes, whole")
    if pruned := catalog.prune(keep):
        report(f"removed older ones: {', '.join(pruned)}")
    return manifest


def _require_unchanged(database: Database, dump: Dump) -> None:
    """Refuse a dump that a migration has run into: to MySQL, changes of the schema belong to no transaction."""
    with explained(database, "Looking at"):
        recorded = {name: name for name in dump.revisions}
        changed = interrupted.is_begun(database) or revisions(database.engine(), recorded) != dump.revisions
    if changed:
        raise BackupError(
            f"{database.named} was migrated while it was dumped. Nothing was kept of the dump; try again."
        )
