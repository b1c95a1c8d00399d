"""How long ago something must have been deleted, as people write it: `30d`, `12h`, `1d12h`."""

from __future__ import annotations

import re
from datetime import timedelta

from flowship.errors import GarbageError

FORM = r"([0-9]+[wdhms])+"
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_LONGEST = 100 * 366 * 86_400


def age(text: str) -> timedelta:
    """Read an age. Raises GarbageError when it is none."""
    if not re.fullmatch(FORM, text):
        raise GarbageError(f"{text} is no length of time. Write one such as 30d, 12h or 1d12h.")
    seconds = 0.0
    for amount, unit in re.findall(r"([0-9]+)([wdhms])", text):
        seconds += int(amount) * timedelta(**{_UNITS[unit]: 1}).total_seconds()
    return timedelta(seconds=min(seconds, _LONGEST))
