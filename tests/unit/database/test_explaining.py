from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from flowship.database.explaining import explained
from flowship.database.url import sqlite_url
from flowship.errors import BackupError, ExportError
from tests.databases import tracking_at

FILE = "sqlite:////data/mlflow.db"
DATABASE = tracking_at(sqlite_url(Path("/data/mlflow.db")))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OperationalError("SELECT secret", {}, Exception("disk I/O error")),
            f"Reading backendStore ({FILE}): {FILE} cannot be used: disk I/O error.",
        ),
        (OSError(28, "No space left"), f"Reading backendStore ({FILE}): [Errno 28] No space left."),
        (BackupError("a sentence already"), "a sentence already"),
    ],
)
def test_an_error_says_what_was_being_done(error: Exception, said: str) -> None:
    with pytest.raises((ExportError, BackupError)) as raised, explained(DATABASE, "Reading", ExportError):
        raise error

    assert str(raised.value) == said
