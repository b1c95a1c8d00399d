"""The pages of a way to sign in whose log-in happens at another site, such as a provider, and what they are lent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowship.auth.authenticator import Identity, Scope

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Handler = Callable[[Scope, Receive, Send], Awaitable[None]]
"""Answers the requests of one page."""


async def _stay(scope: Scope, login: str) -> str:
    del scope, login
    return ""


@dataclass(frozen=True)
class Elsewhere:
    """The pages of a way to sign in; by default it has none."""

    pages: Mapping[str, Handler] = field(default_factory=dict)
    """By their paths after the static prefix."""
    leave: Callable[[Scope, str], Awaitable[str]] = _stay
    """Gives the address at which a user logs out there too, for the log-in of the session that has ended; empty for
    none."""


@dataclass(frozen=True)
class Parts:
    """What a worker lends to such pages."""

    static_prefix: str
    begin: Callable[[Scope, Identity, str], Awaitable[Sequence[tuple[bytes, bytes]] | None]]
    """Begins a session for who has signed in, by a name for the log-in, and gives the headers that hand it over; None
    if the user has gone meanwhile."""
    refuse: Callable[[str, str, int, Scope, Send], Awaitable[None]]
    """Shows the login page, which leads to a path afterwards, with a sentence that says why, and a status."""
    observe: Callable[[str, str, str], None] = lambda result, username, address: None
    """Is told how a log-in ended, in one word, for whom and from where."""
