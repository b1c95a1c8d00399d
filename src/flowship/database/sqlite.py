"""SQLite files: who may read them, how they are copied, and the one that chart 0.16.5 put beside its directory."""

from __future__ import annotations

import contextlib
import filecmp
import os
import sqlite3
from typing import TYPE_CHECKING

from flowship.database.from_values import auth_file
from flowship.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flowship.values.model.root import Values

BUSY = 20.0
"""Seconds to wait for another writer."""


def prepare(file: Path) -> None:
    """Make the file and its directories, readable by their owner only; leave alone what exists.

    Raises DatabaseError when the file cannot be made or written.
    """
    with _explained(file):
        make_directories(file.parent)
        # SQLite itself would make it readable by all. Its -wal and -shm files take over the mode of this one.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def make_directories(directory: Path) -> None:
    """Make a directory and those above it that are missing, each for the owner only."""
    missing = [path for path in (directory, *directory.parents) if not path.exists()]
    for path in reversed(missing):
        with contextlib.suppress(FileExistsError):  # made by another process meanwhile
            path.mkdir(mode=0o700)


def set_journal(file: Path, *, wal: bool) -> None:
    """Choose the journal, which the file remembers: WAL lets readers and a writer work side by side, but needs shared
    memory, which network volumes do not have. Raises DatabaseError."""
    wanted = "wal" if wal else "delete"
    with _explained(file), contextlib.closing(sqlite3.connect(file, timeout=BUSY)) as connection:
        (found,) = connection.execute("PRAGMA journal_mode").fetchone()
        if found == wanted:
            return
        # Left for the next start when another process uses the file: WAL is faster, not safer.
        allowed = (sqlite3.OperationalError,) if wal else ()
        with contextlib.suppress(*allowed):
            connection.execute(f"PRAGMA journal_mode={wanted}")


def keep_copy(file: Path, revision: str) -> Path:
    """Copy a database beside itself before it is changed, and give the copy's path.

    The name has the revision; a copy of the same content is not made twice, and none is overwritten. Raises
    DatabaseError when it cannot be written; nothing was changed then.
    """
    new = file.with_name(f"{file.name}.copying")
    new.unlink(missing_ok=True)
    with _explained(file):
        try:
            copy(file, new)
            number = 1
            while (target := _numbered(file, revision, number)).exists():
                if filecmp.cmp(new, target, shallow=False):
                    return target
                number += 1
            new.rename(target)
        finally:
            new.unlink(missing_ok=True)
    return target


def copy(source: Path, target: Path) -> None:
    """Copy a database, what its write-ahead log holds included, into a new file that only its owner can read."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with (
        contextlib.closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
        # A copy is one file: the journal mode that it inherits would leave two more behind.
        new.execute("PRAGMA journal_mode=delete")


def old_auth_file(values: Values, data: Path) -> Path | None:
    """Find where chart 0.16.5 put the file of users when `auth.sqliteFullPath` lacks its last slash: it joined
    directory and file as text, so that /volumes/auth and basic_auth.db gave /volumes/authbasic_auth.db."""
    auth = values.auth
    if not auth.sqliteFullPath or auth.postgres.enabled:
        return None
    old = data.absolute() / (auth.sqliteFullPath + auth.sqliteFile)
    return None if os.path.normpath(old) == os.path.normpath(auth_file(values, data)) else old


def adopt_old_file(values: Values, data: Path, report: Callable[[str], None]) -> Path | None:
    """Copy the users' file that chart 0.16.5 misplaced to where it belongs, if that is still free; gives the old path
    when it was copied. The old file stays as it is. Raises DatabaseError when it cannot be read or copied."""
    old = old_auth_file(values, data)
    new = auth_file(values, data)
    if old is None or not old.is_file() or (new.exists() and new.stat().st_size > 0):
        return None
    with _explained(new):
        make_directories(new.parent)
        # Under another name first: a copy that was interrupted must not pass for the whole file.
        partial = new.with_name(f"{new.name}.{os.getpid()}.adopting")
        partial.unlink(missing_ok=True)
        try:
            with _explained(old):
                copy(old, partial)
            partial.replace(new)
        finally:
            partial.unlink(missing_ok=True)
    report(f"copied {old}, where chart 0.16.5 kept its users, to {new}; the old file is left as it was")
    return old


def _numbered(file: Path, revision: str, number: int) -> Path:
    suffix = "" if number == 1 else f".{number}"
    return file.with_name(f"{file.name}.before-{revision}{suffix}")


@contextlib.contextmanager
def _explained(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise DatabaseError(explain_file(file, error)) from error


def explain_file(file: Path, error: BaseException) -> str:
    """Make a sentence of an error with a SQLite file."""
    text = str(error)
    words = text.lower()
    if isinstance(error, PermissionError) or any(w in words for w in ("readonly", "read-only", "unable to open")):
        return (
            f"{file} cannot be written by this user (uid {os.geteuid()}): {text}. Run as root:"
            f" chown -R {os.geteuid()} {file.parent}; on Kubernetes, set podSecurityContext.fsGroup."
        )
    if "full" in words or "no space" in words:
        return f"The volume of {file} is full: {text}. Make room, then start again."
    if "not a database" in words or "malformed" in words:
        return f"{file} is not a sound SQLite database: {text}. Restore it from a copy, or move it away."
    if "locked" in words:
        return f"{file} is in use by another process: {text}. Stop the other one first."
    return f"{file} cannot be used: {text}."
