from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from flowship.moving.artifacts.spool import NAME, spool_directory

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_what_a_killed_move_has_left_is_removed_and_what_another_uses_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / f"{NAME}left"
    left.mkdir()
    (left / "0").write_text("half a file")
    (tmp_path / f"{NAME}link").symlink_to(tmp_path)

    with spool_directory() as one, spool_directory() as other:
        assert not left.exists()
        assert one.exists()
        assert other.exists()
        assert one != other

    assert [each.name for each in tmp_path.iterdir()] == [f"{NAME}link"]
