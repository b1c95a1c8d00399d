from __future__ import annotations

import multiprocessing
import os
import signal
from typing import TYPE_CHECKING

import pytest

from flowship.database import lock as module
from flowship.database.lock import locked
from flowship.database.url import sqlite_url
from flowship.errors import DatabaseError
from tests.databases import tracking_at

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path


def hold(file: Path, ready: Connection) -> None:
    with locked(tracking_at(sqlite_url(file)), report=lambda _: None):
        ready.send(True)
        signal.pause()


def test_a_second_one_waits_and_says_so_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.01)
    database = tracking_at(sqlite_url(tmp_path / "mlflow.db"))
    said: list[str] = []

    with (
        locked(database, report=pytest.fail),
        pytest.raises(DatabaseError, match=r"for more than 0 s\. See whether its migration still runs"),
        locked(database, report=said.append, timeout=0.1),
    ):
        pass

    assert said == [f"another process migrates sqlite:///{tmp_path}/mlflow.db; waiting until it is done"]
    with locked(database, report=pytest.fail):
        pass


def test_another_file_is_another_lock(tmp_path: Path) -> None:
    with (
        locked(tracking_at(sqlite_url(tmp_path / "one.db")), report=pytest.fail),
        locked(tracking_at(sqlite_url(tmp_path / "other.db")), report=pytest.fail),
    ):
        assert (tmp_path / "one.db.lock").stat().st_mode & 0o777 == 0o600


def test_the_lock_ends_with_its_process(tmp_path: Path) -> None:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=hold, args=(tmp_path / "mlflow.db", theirs))
    process.start()
    assert ours.recv()
    with (
        pytest.raises(DatabaseError),
        locked(tracking_at(sqlite_url(tmp_path / "mlflow.db")), report=lambda _: None, timeout=0),
    ):
        pass
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    process.close()

    with locked(tracking_at(sqlite_url(tmp_path / "mlflow.db")), report=pytest.fail):
        pass
    ours.close()
    theirs.close()
