from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.database.own_tables import unfinished_move
from flowship.database.url import sqlite_url
from flowship.errors import ExportError, MigrationError
from flowship.exporting.export import require_current
from tests.databases import tracking_at

if TYPE_CHECKING:
    from pathlib import Path

    from flowship.database.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return tracking_at(sqlite_url(tmp_path / "mlflow.db"))


def test_a_file_that_is_not_there_is_not_made(database: Database) -> None:
    with pytest.raises(ExportError, match=r"mlflow\.db\) is not there\. Name its directory by --data"):
        require_current(database, print)

    assert not database.file.exists()


def test_a_database_without_tables_is_to_be_migrated_first(database: Database) -> None:
    database.file.touch()

    with pytest.raises(ExportError, match=r"is at revision none, not at .*\. Run `flowship migrate`"):
        require_current(database, print)


def test_a_database_that_is_half_moved_is_left_alone(database: Database) -> None:
    unfinished_move.begin(database.engine(), "from-tracking", "elsewhere")

    with pytest.raises(MigrationError, match="the move from elsewhere has not finished"):
        require_current(database, print)
