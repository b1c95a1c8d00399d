"""What is counted in a tracking database; `tests/integration/database/test_counting.py` asks the servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from flowship.database.url import sqlite_url
from flowship.status import counting

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


def filled(directory: Path) -> Engine:
    engine = create_engine(sqlite_url(directory / "mlflow.db"))
    with engine.begin() as connection:
        for statement in (
            "CREATE TABLE experiments (lifecycle_stage TEXT)",
            "INSERT INTO experiments VALUES ('active'), ('active'), ('deleted')",
            "CREATE TABLE runs (status TEXT, lifecycle_stage TEXT)",
            "INSERT INTO runs VALUES ('RUNNING', 'active'), ('FINISHED', 'active'), ('FINISHED', 'active'),"
            " ('FAILED', 'deleted'), (NULL, 'active')",
            "CREATE TABLE metrics (key TEXT)",
            "INSERT INTO metrics VALUES ('a'), ('b'), ('c')",
            "DELETE FROM metrics WHERE key = 'a'",
        ):
            connection.execute(text(statement))
    return engine


@pytest.mark.parametrize("piece", [1, 2, 3, 50_000])
def test_a_file_is_counted_in_pieces_of_any_size(tmp_path: Path, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "PIECE", piece)
    engine = filled(tmp_path)
    found = counting.count(engine)
    engine.dispose()

    assert found.experiments == {"active": 2, "deleted": 1}
    assert found.runs == {
        ("RUNNING", "active"): 1,
        ("FINISHED", "active"): 2,
        ("FAILED", "deleted"): 1,
        ("", "active"): 1,
    }
    assert found.rows == {"metrics": 3}
