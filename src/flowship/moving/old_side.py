"""The databases that are moved from: those of values, or the SQLite files in a data directory; and copies of files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowship.database import from_values, sqlite
from flowship.database.database import Database, Databases
from flowship.database.migrating.migrate import migrate
from flowship.database.migrating.revision import Standing, read_state
from flowship.database.part import Part
from flowship.database.url import sqlite_url
from flowship.errors import MoveError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flowship.values.model.root import Values

    Report = Callable[[str], None]


def databases(old: Values | None, new: Values, data: Path) -> Databases:
    """Give the old side's databases: those that its values name or, without any, the files that the new values would
    name if they named no server."""
    if old is not None:
        found = from_values.databases(old, data)
        for database in found:
            database.require_driver()
        return found
    tracking = Database(Part.TRACKING, sqlite_url(from_values.tracking_file(data)), "--from-data")
    users = from_values.auth_file(new, data)
    if not from_values.has_users(new) or not users.is_file():
        return Databases(tracking)
    return Databases(tracking, Database(Part.AUTH, sqlite_url(users), "auth.sqliteFile"))


def copied(old: Databases, directory: Path, report: Report) -> Databases:
    """Give copies of the old side's files, at this MLflow's revision, where they are older. A copy that is there
    already is gone on with: half a move may have been made from it.

    Raises:
        MoveError: an older database is a server's.
        DatabaseError: a copy cannot be made or migrated.
    """
    auth = None if old.auth is None else _copied(old.auth, directory, report)
    found = Databases(_copied(old.tracking, directory, report), auth)
    migrate(found, upgrade=True, report=report)
    return found


def _copied(database: Database, directory: Path, report: Report) -> Database:
    if not database.is_file:
        raise MoveError(
            f"--from-copy copies SQLite files, and {database.named} is a server's. Leave it out, and migrate that"
            " database with `flowship migrate` and its values, after a backup."
        )
    target = directory / f"{database.part}.db"
    if not database.file.is_file():
        raise MoveError(f"{database.named} is not there. Write the directory that keeps it: --from-data DIR.")
    if not target.exists():
        sqlite.make_directories(directory)
        partial = target.with_name(f"{target.name}.copying")
        partial.unlink(missing_ok=True)
        sqlite.copy(database.file, partial)
        partial.replace(target)
        report(f"copied {database.file} to {target}, which is moved in its place; remove it afterwards")
    elif read_state(replace(database, url=sqlite_url(target)).engine(), database.part).standing is Standing.EMPTY:
        raise MoveError(f"{target} holds nothing of MLflow's. Remove it, or name another directory: --from-copy DIR.")
    return replace(database, url=sqlite_url(target))
