"""What people write at keys whose defaults show little: for the page of all keys, and for comments in `values.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def examples() -> dict[str, Any]:
    """Values with something at each such key."""
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("examples.yaml").read_text())
    return found
