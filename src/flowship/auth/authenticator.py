"""What the gate asks, and what it may be told: the terms of authentication, without any way of doing it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Credentials:
    """What a request claims."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Identity:
    """Who a request is from, once verified."""

    username: str
    """The user's name in MLflow, which may be spelt otherwise than it was typed."""
    is_admin: bool | None = None
    """Whether the user is an admin, where the authenticator says; None where MLflow's users do."""


@dataclass(frozen=True)
class Verified:
    """The credentials are right."""

    identity: Identity


@dataclass(frozen=True)
class Wrong:
    """There is no such user, or it is not the password: which of them is not told."""


@dataclass(frozen=True)
class Forbidden:
    """The password is right, but this user may not come in; the sentence tells the user why."""

    sentence: str


@dataclass(frozen=True)
class Unavailable:
    """Nobody can say now."""

    retry_after: int
    """Seconds after which it is worth asking again."""


@dataclass(frozen=True)
class Slowed:
    """Too many failures; the credentials were not looked at."""

    retry_after: int
    """Seconds for which they will not be."""


Outcome = Verified | Wrong | Forbidden | Unavailable | Slowed


class Authenticator(Protocol):
    """Verifies credentials, and remembers for some time which were right."""

    def remembered(self, credentials: Credentials) -> Identity | None:
        """Who it is, if that is known without asking anybody. Never blocks: it is called on the event loop."""

    async def authenticate(self, credentials: Credentials, address: str) -> Outcome:
        """Find out, in whatever thread that takes."""


CURRENT: ContextVar[Identity | None] = ContextVar("flowship_identity", default=None)
"""Who the request that this context serves is from; the gate sets it, nothing else."""
