from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.database.part import Part
from flowship.errors import MoveError
from flowship.moving.old_side import copied, databases
from flowship.values.model.root import Values

if TYPE_CHECKING:
    from pathlib import Path

POSTGRES = {"backendStore": {"postgres": {"enabled": True, "host": "db", "database": "d", "user": "u"}}}


def values(**root: object) -> Values:
    return Values.model_validate({**POSTGRES, **root})


def test_without_values_the_old_side_is_the_files_in_the_directory(tmp_path: Path) -> None:
    new = values(auth={"enabled": True, "adminUsername": "admin", "adminPassword": "correct horse"})
    assert [each.part for each in databases(None, new, tmp_path)] == [Part.TRACKING]

    (tmp_path / "basic_auth.db").touch()
    tracking, users = databases(None, new, tmp_path)
    assert (tracking.file, users.file) == (tmp_path / "mlflow.db", tmp_path / "basic_auth.db")


def test_only_files_are_copied(tmp_path: Path) -> None:
    with pytest.raises(
        MoveError, match=r"--from-copy copies SQLite files, and backendStore\.postgres .* is a server's"
    ):
        copied(databases(values(), values(), tmp_path), tmp_path, print)
