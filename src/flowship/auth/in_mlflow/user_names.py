"""Names that a user of MLflow's may have: those with which one can log in."""

from __future__ import annotations

import re

LONGEST = 255
"""Characters; MLflow's table holds no more."""

_UNUSABLE = re.compile("[:\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""What a login by HTTP cannot carry: its separator, control characters, and halves of characters."""


def refusal(name: object) -> str | None:
    """Say why nobody could log in under this name, or None if one can."""
    if not isinstance(name, str) or not name:
        return "The user's name is missing. Write it as text."
    if len(name) > LONGEST:
        return f"The user's name has {len(name)} characters, more than {LONGEST}. Write a shorter one."
    if found := _UNUSABLE.search(name):
        what = "`:`" if found[0] == ":" else "a control character"
        return f"The user's name holds {what}, which a login by HTTP cannot carry. Write another name."
    return None
