from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from flowship.database.sqlite import (
    adopt_old_file,
    copy,
    explain_file,
    keep_copy,
    make_directories,
    old_auth_file,
    prepare,
    set_journal,
)
from flowship.errors import DatabaseError
from flowship.values.model.root import Values

if TYPE_CHECKING:
    from pathlib import Path


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def write(file: Path, *names: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS users (name TEXT)")
        connection.executemany("INSERT INTO users VALUES (?)", [(name,) for name in names])


def read(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM users")]


def journal(file: Path) -> str:
    with closing(sqlite3.connect(file)) as connection:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def test_a_new_file_and_its_directories_are_for_their_owner_only(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        prepare(tmp_path / "a" / "b" / "mlflow.db")
    finally:
        os.umask(before)

    assert mode(tmp_path / "a" / "b" / "mlflow.db") == 0o600
    assert mode(tmp_path / "a" / "b") == mode(tmp_path / "a") == 0o700


def test_what_exists_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    write(file, "ada")
    file.chmod(0o640)
    tmp_path.chmod(0o750)

    prepare(file)
    make_directories(tmp_path)

    assert (mode(file), mode(tmp_path), read(file)) == (0o640, 0o750, ["ada"])


def test_a_file_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(DatabaseError, match=r"cannot be used: .*Not a directory"):
        prepare(tmp_path / "file" / "mlflow.db")


@pytest.mark.parametrize("wal", [True, False])
def test_the_journal_is_as_asked(tmp_path: Path, wal: bool) -> None:
    file = tmp_path / "mlflow.db"
    write(file)
    for _ in range(2):
        set_journal(file, wal=not wal)
        set_journal(file, wal=wal)

    assert journal(file) == ("wal" if wal else "delete")


def test_a_copy_has_what_the_write_ahead_log_holds(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    write(file)
    set_journal(file, wal=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("INSERT INTO users VALUES ('ada')")
        connection.commit()
        assert (tmp_path / "mlflow.db-wal").stat().st_size > 0
        copy(file, tmp_path / "copy.db")

    assert read(tmp_path / "copy.db") == ["ada"]
    assert mode(tmp_path / "copy.db") == 0o600
    assert journal(tmp_path / "copy.db") == "delete"


def test_no_copy_is_overwritten_and_none_is_made_twice(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    write(file, "ada")
    first = keep_copy(file, "abc")
    assert keep_copy(file, "abc") == first
    write(file, "grace")
    second = keep_copy(file, "abc")

    assert first.name == "mlflow.db.before-abc"
    assert second.name == "mlflow.db.before-abc.2"
    assert (read(first), read(second)) == (["ada"], ["ada", "grace"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mlflow.db", first.name, second.name]


def values(full_path: Path | str, file: str = "basic_auth.db") -> Values:
    return Values.model_validate({"auth": {"sqliteFullPath": str(full_path), "sqliteFile": file}})


def test_the_old_chart_put_the_file_beside_its_directory(tmp_path: Path) -> None:
    auth = tmp_path / "auth"

    assert old_auth_file(values(auth), tmp_path) == tmp_path / "authbasic_auth.db"
    assert old_auth_file(values(f"{auth}/"), tmp_path) is None
    assert old_auth_file(values(auth, "/basic_auth.db"), tmp_path) is None
    assert old_auth_file(values(""), tmp_path) is None


def test_the_misplaced_file_is_copied_to_where_it_belongs(tmp_path: Path) -> None:
    old, new = tmp_path / "authbasic_auth.db", tmp_path / "auth" / "basic_auth.db"
    write(old, "ada")
    said: list[str] = []

    assert adopt_old_file(values(tmp_path / "auth"), tmp_path, said.append) == old
    assert (read(new), read(old)) == (["ada"], ["ada"])
    assert mode(new) == 0o600
    assert [path.name for path in new.parent.iterdir()] == ["basic_auth.db"]
    assert len(said) == 1
    assert str(old) in said[0]
    assert str(new) in said[0]


def test_a_file_where_it_belongs_is_not_replaced(tmp_path: Path) -> None:
    old, new = tmp_path / "authbasic_auth.db", tmp_path / "auth" / "basic_auth.db"
    new.parent.mkdir()
    write(old, "ada")
    write(new, "grace")

    assert adopt_old_file(values(tmp_path / "auth"), tmp_path, pytest.fail) is None
    assert read(new) == ["grace"]


def test_without_an_old_file_nothing_is_made(tmp_path: Path) -> None:
    assert adopt_old_file(values(tmp_path / "auth"), tmp_path, pytest.fail) is None
    assert list(tmp_path.iterdir()) == []


def test_an_old_file_that_is_no_database_is_explained(tmp_path: Path) -> None:
    (tmp_path / "authbasic_auth.db").write_text("x" * 5000)

    with pytest.raises(DatabaseError, match=r"authbasic_auth\.db is not a sound SQLite database"):
        adopt_old_file(values(tmp_path / "auth"), tmp_path, pytest.fail)
    assert not (tmp_path / "auth" / "basic_auth.db").exists()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(13, "Permission denied"), "chown -R"),
        (sqlite3.OperationalError("attempt to write a readonly database"), r"podSecurityContext\.fsGroup"),
        (sqlite3.OperationalError("database or disk is full"), "is full: .*Make room"),
        (OSError(28, "No space left on device"), "is full"),
        (sqlite3.OperationalError("database is locked"), "is in use by another process"),
        (sqlite3.OperationalError("disk I/O error"), "cannot be used: disk I/O error"),
    ],
)
def test_what_goes_wrong_with_a_file_is_a_sentence(tmp_path: Path, error: Exception, words: str) -> None:
    assert re.search(words, explain_file(tmp_path / "x.db", error))
