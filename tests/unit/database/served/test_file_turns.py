"""Turns to write to a file: one at a time, and nobody is kept from writing where there can be none."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from flowship.database.served.file_turns import turn

if TYPE_CHECKING:
    from pathlib import Path


def test_one_has_a_turn_at_a_time(tmp_path: Path) -> None:
    file = str(tmp_path / "mlflow.db")
    had = []

    def other() -> None:
        with turn(file):
            had.append("other")

    waiting = threading.Thread(target=other)
    with turn(file):
        waiting.start()
        waiting.join(0.2)
        had.append("first")
    waiting.join()

    assert had == ["first", "other"]
    assert [path.name for path in tmp_path.iterdir()] == ["mlflow.db.turn"]


def test_without_a_place_for_the_file_nobody_waits(tmp_path: Path) -> None:
    file = str(tmp_path / "none" / "mlflow.db")

    with turn(file), turn(file):
        pass
