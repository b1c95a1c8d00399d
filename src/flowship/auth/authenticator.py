"""What the gate asks, and what it may be told: the terms of authentication, without any way of doing it."""

from __future__ import annotations

import math
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

Scope = MutableMapping[str, Any]
"""A request, as ASGI describes it."""


@dataclass(frozen=True)
class Credentials:
    """A name and the secret that proves it."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Identity:
    """Says who a request is from, once that is verified."""

    username: str
    """The user's name in MLflow, which may be spelt otherwise than it was typed."""
    is_admin: bool | None = None
    """Whether the user is an admin, where the authenticator says; None where MLflow's users do."""
    login: str = field(default="", compare=False)
    """The name by which those may be asked again who verified the user at the log-in; the user's name when empty."""
    by_token: bool = False
    """Whether a token was shown, which makes no other tokens."""
    read_only: bool = False
    """Whether nothing may be changed, whatever the user may change otherwise."""


@dataclass(frozen=True)
class Verified:
    """Says that the credentials are right, and whose they are."""

    identity: Identity


@dataclass(frozen=True)
class Wrong:
    """Says that there is no such user, or it is not the password: which of them is not told."""


@dataclass(frozen=True)
class Forbidden:
    """Says that the password is right, but this user may not come in; the sentence tells the user why."""

    sentence: str


@dataclass(frozen=True)
class Unavailable:
    """Says that nobody can verify the credentials now."""

    retry_after: int
    """Seconds after which it is worth asking again."""


@dataclass(frozen=True)
class Slowed:
    """Says that there were too many failures, so that the credentials were not looked at."""

    retry_after: int
    """Seconds for which they will not be."""


Outcome = Verified | Wrong | Forbidden | Unavailable | Slowed


class Attempt(NamedTuple):
    """Says how somebody's credentials were received."""

    result: str
    """One word for it, as metrics and logs have it."""
    username: str
    """The user's name in MLflow if the credentials are right, else the name that was sent; empty where none could be
    read."""
    address: str


class Authenticator(Protocol):
    """Verifies credentials, and remembers for some time which were right."""

    def remembered(self, credentials: Credentials) -> Identity | None:
        """Say whose credentials these are, if that is known without asking anybody. Never blocks: it is called on the
        event loop."""

    async def authenticate(self, credentials: Credentials, address: str) -> Outcome:
        """Find out whether the credentials are right, in whatever thread that takes."""


@dataclass(frozen=True)
class Claim:
    """What a request says of who sends it."""

    header: bytes
    """The header that says so, in lower case, which goes no further than the gate."""
    credentials: Credentials | None
    """What is to be verified; None if nobody can have what the header says."""
    named_in: bytes = b"authorization"
    """The header in which MLflow, behind the gate, reads who was verified."""
    left: bytes = b""
    """What the header says beside the claim, which does go on."""
    ambient: bool = False
    """Whether a browser makes the claim by itself, whichever site's page has it send the request."""
    is_bearer: bool = False
    """Whether the secret is a token that was shown as Bearer."""


def any_claim(claim: Claim) -> bool:
    """Take every claim."""
    del claim
    return True


ReadClaim = Callable[[Scope], Claim | None]
"""Finds a claim of one kind in a request, without asking anybody; None if there is none of this kind."""


@dataclass(frozen=True)
class Readmission:
    """A question about users who signed in before, which needs no password."""

    ask: Callable[[str], Outcome]
    """Asks, in a thread, whether the user may still come in who signed in with this name."""
    grace: Callable[[str], float] = lambda login: 0.0
    """Gives the seconds for which users who were let in before, and signed in with this name, come in while nobody can
    say."""


@dataclass(frozen=True)
class Entrance:
    """A way through the gate: where a request makes its claim, and who verifies it."""

    read: ReadClaim
    authenticator: Authenticator
    takes_passwords: bool = False
    """Whether it verifies what a person types, so that the login page may ask it."""
    readmission: Readmission | None = None
    """Who tells whether users who signed in before may still come in; None where MLflow's users alone do."""
    takes: Callable[[Claim], bool] = any_claim
    """Tells whether a claim is of the kind that this entrance verifies. Others are left to other entrances, of which
    those with an equal reader share what it reads."""
    longest_session: float = math.inf
    """Seconds after which a user must sign in again, whatever the values say."""


CURRENT: ContextVar[Identity | None] = ContextVar("flowship_identity", default=None)
"""Who the request that this context serves is from; the gate sets it, nothing else."""
