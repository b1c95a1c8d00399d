from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.database.own_tables import unfinished_move
from flowship.database.url import sqlite_url
from flowship.errors import GarbageError, MigrationError
from flowship.garbage.garbage import require_current
from tests.databases import tracking_at

if TYPE_CHECKING:
    from pathlib import Path

    from flowship.database.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return tracking_at(sqlite_url(tmp_path / "mlflow.db"))


def test_a_file_that_is_not_there_is_not_made(database: Database) -> None:
    with pytest.raises(GarbageError, match=r"is not there, so there is no garbage in it\. Check --data\.$"):
        require_current(database, print)

    assert not database.file.exists()


def test_nothing_is_removed_from_what_is_half_moved(database: Database) -> None:
    unfinished_move.begin(database.engine(), "from-tracking", "elsewhere")

    with pytest.raises(MigrationError, match="the move from elsewhere has not finished"):
        require_current(database, print)
