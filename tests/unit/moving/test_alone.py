from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from flowship.database.url import sqlite_url
from flowship.errors import MoveError
from flowship.moving.alone import require_alone
from tests.databases import tracking_at

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_that_another_process_has_open_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    file.touch()
    require_alone(tracking_at(sqlite_url(file)))

    program = "import sys; f = open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(MoveError) as caught:
            require_alone(tracking_at(sqlite_url(file)))
        other.communicate(b"")
    assert f"is in use, by process {other.pid}: what is written during a move would be lost." in str(caught.value)
