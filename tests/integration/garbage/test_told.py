"""What `flowship gc` says when it has found nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.flowship import run, sqlite_tables

if TYPE_CHECKING:
    from pathlib import Path


def test_where_nothing_goes_the_age_is_told_that_kept_it(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(sqlite_tables())

    done = run("gc", "--data", str(tmp_path), "--dry-run")

    assert "would remove nothing older than 30d: 0 B in 0 files" in done.stdout
