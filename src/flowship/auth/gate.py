"""The door in front of MLflow's app: each request is authenticated once, off the event loop.

MLflow itself asks several times in a request, in its handlers' threads and on the event loop. Behind the gate it only
reads who was found, through `flowship.auth.authorize`.
"""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.auth import header
from flowship.auth.authenticator import CURRENT, Forbidden, Identity, Slowed, Unavailable, Verified, Wrong
from flowship.auth.response import answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping
    from typing import Any

    from flowship.auth.authenticator import Authenticator, Credentials, Outcome

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]
    Header = tuple[bytes, bytes]

LABELS: dict[type[Outcome], str] = {
    Verified: "verified",
    Wrong: "wrong",
    Forbidden: "forbidden",
    Unavailable: "unavailable",
    Slowed: "slowed",
}
CACHED = "cached"
"""Observed in place of "verified" when nobody had to be asked, or was being asked already for another request."""

AUTHORIZATION = b"authorization"
PREFLIGHT = "OPTIONS"
"""The method by which browsers ask, without credentials, what another origin may do; MLflow answers it."""


@dataclass(frozen=True)
class Gateway:
    """MLflow's gateway, where `Authorization` may hold the key of a provider that the request is passed on to."""

    path: str
    """What its paths begin with."""
    header: bytes
    """The header in which MLflow looks for its own credentials first, in lower case."""
    token: str | None
    """The password with which MLflow's own jobs act for any user; None when there is none."""


class Gate:
    """An ASGI app that lets verified requests through to another one, with `CURRENT` set.

    A request without Basic credentials is asked for them before its body is read. `is_open` tells the paths that need
    none, and `observe` is told how each authentication ended, as one word, for metrics. `generation` gives a number
    that is another one once a user was changed.
    """

    def __init__(
        self,
        app: App,
        authenticator: Authenticator,
        is_open: Callable[[str], bool],
        observe: Callable[[str], None] = lambda label: None,
        *,
        generation: Callable[[str], int] = lambda username: 0,
        gateway: Gateway | None = None,
    ) -> None:
        self._app = app
        self._authenticator = authenticator
        self._is_open = is_open
        self._observe = observe
        self._generation = generation
        self._gateway = gateway
        self._running: dict[tuple[Credentials, str, int], asyncio.Task[Outcome]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Whatever the context was that this one was copied from, nobody is known yet.
        token = CURRENT.set(None)
        try:
            await self._serve(scope, receive, send)
        finally:
            CURRENT.reset(token)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        claim = self._claim(scope)
        if claim is None:
            if scope["method"] == PREFLIGHT:
                await self._app(scope, receive, send)
            else:
                await answer(Wrong(), send)
            return
        outcome = await self._outcome(scope, claim)
        if not isinstance(outcome, Verified):
            await answer(outcome, send)
            return
        CURRENT.set(outcome.identity)
        await self._app(_as_identified(scope, claim, outcome.identity), receive, send)

    def _claim(self, scope: Scope) -> Header | None:
        """The header with Basic credentials that counts for this path, if there is one."""
        first: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            first.setdefault(name.lower(), value)
        names = [AUTHORIZATION]
        if self._gateway and scope["path"].startswith(self._gateway.path):
            names.insert(0, self._gateway.header)
        for name in names:
            if value := first.get(name):  # an empty one counts as none, as for MLflow
                return (name, value) if header.is_basic(value) else None
        return None

    async def _outcome(self, scope: Scope, claim: Header) -> Outcome:
        credentials = header.credentials(claim[1])
        if credentials is None:
            return self._observed(Wrong())
        if self._is_job(scope, credentials):
            return self._observed(Verified(Identity(credentials.username)))
        if identity := self._authenticator.remembered(credentials):
            self._observe(CACHED)
            return Verified(identity)
        return await self._asked(credentials, (scope.get("client") or ("",))[0])

    def _observed(self, outcome: Outcome) -> Outcome:
        self._observe(LABELS[type(outcome)])
        return outcome

    def _is_job(self, scope: Scope, credentials: Credentials) -> bool:
        gateway = self._gateway
        if gateway is None or not gateway.token or not scope["path"].startswith(gateway.path):
            return False
        return hmac.compare_digest(credentials.password.encode(), gateway.token.encode())

    async def _asked(self, credentials: Credentials, address: str) -> Outcome:
        """Ask once for requests that come with the same credentials at the same time, unless the user was changed in
        between."""
        key = (credentials, address, self._generation(credentials.username))
        if running := self._running.get(key):
            outcome = await asyncio.shield(running)
            self._observe(CACHED if isinstance(outcome, Verified) else LABELS[type(outcome)])
            return outcome
        task = self._running[key] = asyncio.create_task(self._authenticated(credentials, address))
        task.add_done_callback(lambda done: self._running.pop(key, None))
        return await asyncio.shield(task)  # one client that goes away ends it for none of the others

    async def _authenticated(self, credentials: Credentials, address: str) -> Outcome:
        return self._observed(await self._authenticator.authenticate(credentials, address))


def _as_identified(scope: Scope, claim: Header, identity: Identity) -> Scope:
    """The request with its claim replaced by the name that was verified, without the password.

    MLflow's handlers read the name from `Authorization` for the jobs that they start: it must be the one that was
    verified, neither as typed nor out of a second header.
    """
    kept = [(name, value) for name, value in scope["headers"] if name.lower() != claim[0]]
    return {**scope, "headers": [*kept, (claim[0], header.basic(identity.username))]}
