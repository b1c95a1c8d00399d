from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flowship.file_lock import try_lock

if TYPE_CHECKING:
    from pathlib import Path


def test_one_has_it_until_its_descriptor_is_closed(tmp_path: Path) -> None:
    first, second = (os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT) for _ in range(2))

    assert try_lock(first)
    assert not try_lock(second)

    os.close(first)

    assert try_lock(second)
    os.close(second)
