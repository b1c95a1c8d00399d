"""From a raw dump to a file that is kept: read whole, counted, compressed, and refused unless it is complete."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import shutil
import sqlite3
from typing import TYPE_CHECKING

from flowship.backup.contents import VERSION_TABLES, Contents, reader
from flowship.backup.manifest import Dump
from flowship.errors import BackupError

if TYPE_CHECKING:
    from pathlib import Path

    from flowship.database.part import Part
    from flowship.database.url import Kind

COMPRESSION = 3
"""Of text such as this, higher levels save some percent and take twice the time."""
CHUNK = 1 << 20


def raw_name(part: Part, kind: Kind) -> str:
    """Name the file that the program that dumps writes."""
    return f"{part}.db" if kind == "sqlite" else f"{part}.sql"


def check(folder: Path, part: Part, kind: Kind) -> Dump:
    """Check a raw dump, and put the compressed one in its place.

    Raises:
        BackupError: it is not complete, or holds no MLflow.
    """
    raw = folder / raw_name(part, kind)
    kept = folder / f"{raw.name}.gz"
    if not raw.exists():
        raise BackupError(f"The dump {raw} is not there: whatever was to write it failed, or another backup was begun.")
    try:
        contents = _keep_file(raw, kept) if kind == "sqlite" else _keep_lines(raw, kept, kind)
    except (UnicodeDecodeError, sqlite3.Error) as error:
        raise BackupError(f"The dump {raw} is damaged: {error}. Nothing was kept of it; try again.") from error
    if not contents.complete:
        raise BackupError(f"The dump {raw} is not complete: its end is missing. Nothing was kept of it; try again.")
    if not contents.revisions:
        tables = " or ".join(VERSION_TABLES)
        raise BackupError(f"The dump {raw} holds no revision of MLflow's schema ({tables}). Nothing was kept of it.")
    raw.unlink()
    return Dump(
        kind=kind,
        file=kept.name,
        size=kept.stat().st_size,
        sha256=digest(kept),
        revisions=contents.revisions,
        rows=contents.rows,
    )


def digest(file: Path) -> str:
    """Give the SHA-256 of a file."""
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def read_sqlite(file: Path) -> Contents:
    """Read what a SQLite file holds; it is complete when SQLite finds nothing wrong with it."""
    with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        complete = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        names = [name for (name,) in connection.execute(tables)]
        rows = {name: _one(connection, f"SELECT count(*) FROM {_quoted(name)}") for name in names}  # noqa: S608
        revisions = {
            name: str(_one(connection, f"SELECT version_num FROM {name}"))  # noqa: S608 - names of our own
            for name in VERSION_TABLES
            if rows.get(name)
        }
    return Contents(rows, revisions, complete)


def _keep_file(raw: Path, kept: Path) -> Contents:
    with raw.open("rb") as source, gzip.open(kept, "wb", COMPRESSION) as target:
        shutil.copyfileobj(source, target, CHUNK)
    return read_sqlite(raw)


def _keep_lines(raw: Path, kept: Path, kind: Kind) -> Contents:
    dump = reader(kind)
    with raw.open("rb", buffering=CHUNK) as source, gzip.open(kept, "wb", COMPRESSION) as target:
        target.writelines(dump.lines(source))
    return dump.contents


def _one(connection: sqlite3.Connection, statement: str) -> int:
    (value,) = connection.execute(statement).fetchone()
    found: int = value
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
