"""`flowship move` tells what the values of both sides make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.flowship import write_values
from tests.unit.cli.running import run

if TYPE_CHECKING:
    from pathlib import Path


def test_a_wider_default_permission_is_told_before_anything_is_moved(tmp_path: Path) -> None:
    auth = {"enabled": True, "adminUsername": "admin", "adminPassword": "correct horse"}
    old = write_values(tmp_path / "old.yaml", {"auth": {**auth, "defaultPermission": "NO_PERMISSIONS"}})
    new = write_values(tmp_path / "new.yaml", {"auth": auth})
    there = ["--from-data", str(tmp_path / "old"), "--to-data", str(tmp_path / "new")]

    moved = run("move", "--from", str(old), "--to", str(new), *there)

    assert moved.exit_code == 1, moved.stderr
    told, error = moved.stderr.split("\n", 1)
    assert "auth.defaultPermission: NO_PERMISSIONS in the old values, READ in the new ones" in told
    assert "auth.defaultPermission" not in error
    assert not (tmp_path / "new").exists()
