"""The environment of this process, as whoever it starts and every library will find it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def change_environment(changes: Mapping[str, str | None]) -> None:
    """Change variables of this process; None is for one to remove."""
    for name, value in changes.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
