"""How long a session lasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from flowship.database.own_tables.sessions_table import Session

SEEN_EVERY = 60
"""Seconds between two notes of when a session was used last."""


class SessionSettings(BaseModel):
    """The limits of the values, which cross the start of the server's process."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    idle: int
    """Seconds without a request after which a session ends."""
    lifetime: int
    """Seconds after which it ends however much it is used."""


@dataclass(frozen=True)
class Limits:
    """The limits that count for one way to sign in."""

    idle: float
    lifetime: float

    @classmethod
    def of(cls, settings: SessionSettings, longest: float) -> Limits:
        """Make the limits of the values, and no session longer than `longest`."""
        return cls(settings.idle, min(settings.lifetime, longest))

    def left(self, session: Session, now: float) -> float:
        """Tell how many seconds a session has left without a further request; 0 or less when it has ended."""
        if session.password_now != session.password:
            return 0.0
        return min(session.made_at + self.lifetime, session.seen_at + self.idle) - now
