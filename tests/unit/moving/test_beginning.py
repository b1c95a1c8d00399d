from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.database.url import sqlite_url
from flowship.errors import MoveError
from flowship.moving.move import move
from flowship.moving.told import Told
from tests.databases import databases_at

if TYPE_CHECKING:
    from pathlib import Path


def test_a_directory_without_a_database_is_refused(tmp_path: Path) -> None:
    old, new = (databases_at(sqlite_url(tmp_path / name / "mlflow.db")) for name in ("old", "new"))
    with pytest.raises(MoveError, match=r"is not there\. Write the directory that keeps it: --from-data DIR\.$"):
        move(old, new, Told(print))
    with pytest.raises(MoveError, match=r"are one database\. Name another one in --to\.$"):
        move(old, old, Told(print))
