"""When a server is at rest: all its processes together use less than 2 % of one core, for a whole window of time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SHARE = 0.02
INTERVAL = 0.25
"""Seconds between two looks."""


@dataclass(frozen=True)
class Look:
    """Processor time that was used until a moment, both in seconds."""

    moment: float
    cpu: float


@dataclass(frozen=True)
class Rest:
    """How a server came to rest."""

    cpu: float
    """Processor seconds that it had used when the quiet window began."""
    reached: bool
    """False when it was still busy at the limit; then `cpu` is what it had used until there."""


def quiet_since(looks: Sequence[Look], window: float) -> Look | None:
    """The look at which the quiet window began that lasts until the last look; None while there is none."""
    if not looks:
        return None
    last = looks[-1]
    older = [look for look in looks if last.moment - look.moment >= window]
    if older and last.cpu - older[-1].cpu <= SHARE * (last.moment - older[-1].moment):
        return older[-1]
    return None


def wait_for_rest(cpu_seconds: Callable[[], float], window: float, limit: float) -> Rest:
    """Look until the server is at rest, for at most `limit` seconds."""
    began = time.monotonic()
    looks: list[Look] = []
    while time.monotonic() - began < limit:
        looks.append(Look(time.monotonic(), cpu_seconds()))
        if quiet := quiet_since(looks, window):
            return Rest(quiet.cpu, reached=True)
        time.sleep(INTERVAL)
    return Rest(cpu_seconds(), reached=False)
