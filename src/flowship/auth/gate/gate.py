"""The door in front of MLflow's app: each request is authenticated once, off the event loop.

MLflow itself asks several times in a request, in its handlers' threads and on the event loop. Behind the gate it only
reads who was found, through `flowship.auth.in_mlflow.authorize`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flowship.auth.authenticator import CURRENT, Attempt, Forbidden, Outcome, Slowed, Unavailable, Verified, Wrong
from flowship.auth.gate import basic_header
from flowship.auth.gate.response import answer
from flowship.auth.memory.single_flight import SingleFlight

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping, Sequence
    from typing import Any

    from flowship.auth.authenticator import Authenticator, Claim, Credentials, Entrance, Identity, Scope

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

VERIFIED = "verified"
LABELS: dict[type[Outcome], str] = {
    Verified: VERIFIED,
    Wrong: "wrong",
    Forbidden: "forbidden",
    Unavailable: "unavailable",
    Slowed: "slowed",
}
CACHED = "cached"
"""Observed in place of "verified" when nobody had to be asked, or was being asked already for another request."""

PREFLIGHT = "OPTIONS"
"""The method by which browsers ask, without credentials, what another origin may do; MLflow answers it."""


class Gate:
    """An ASGI app that lets verified requests through to another one, with `CURRENT` set.

    The first of `entrances` that finds a claim in a request verifies it; a request without one is asked for credentials
    before its body is read. `is_open` tells the paths that need none, and `observe` is told how each authentication
    ended, for metrics and logs. `generation` gives a number that is another one once a user was changed.
    """

    def __init__(
        self,
        app: App,
        entrances: Sequence[Entrance],
        is_open: Callable[[str], bool],
        observe: Callable[[Attempt], None] = lambda attempt: None,
        *,
        generation: Callable[[str], int] = lambda username: 0,
    ) -> None:
        self._app = app
        self._entrances = [(entrance.read, entrance.authenticator) for entrance in entrances]
        self._is_open = is_open
        self._observe = observe
        self._generation = generation
        self._asking = SingleFlight[Outcome]()

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
        for read, authenticator in self._entrances:
            if claim := read(scope):
                outcome = await self._outcome(claim, authenticator, scope)
                break
        else:
            if scope["method"] == PREFLIGHT:
                await self._app(scope, receive, send)
            else:
                await answer(Wrong(), send)
            return
        if not isinstance(outcome, Verified):
            await answer(outcome, send)
            return
        CURRENT.set(outcome.identity)
        await self._app(_as_identified(scope, claim, outcome.identity), receive, send)

    async def _outcome(self, claim: Claim, authenticator: Authenticator, scope: Scope) -> Outcome:
        credentials = claim.credentials
        address = (scope.get("client") or ("",))[0]
        if credentials is None:
            return self._observed(Wrong(), "", address)
        if identity := authenticator.remembered(credentials):
            self._observe(Attempt(CACHED, credentials.username, address))
            return Verified(identity)
        # Who comes after a change of the user does not wait for what was asked before it.
        key = (authenticator, credentials, address, self._generation(credentials.username))
        outcome, asked = await self._asking.ask(key, partial(self._asked, authenticator, credentials, address))
        if not asked:
            result = CACHED if isinstance(outcome, Verified) else LABELS[type(outcome)]
            self._observe(Attempt(result, credentials.username, address))
        return outcome

    async def _asked(self, authenticator: Authenticator, credentials: Credentials, address: str) -> Outcome:
        outcome = await authenticator.authenticate(credentials, address)
        return self._observed(outcome, credentials.username, address)

    def _observed(self, outcome: Outcome, username: str, address: str) -> Outcome:
        if isinstance(outcome, Verified):
            username = outcome.identity.username
        self._observe(Attempt(LABELS[type(outcome)], username, address))
        return outcome


def _as_identified(scope: Scope, claim: Claim, identity: Identity) -> Scope:
    """Make the request that MLflow sees, with its claim replaced by the name that was verified, without the password.

    MLflow's handlers read the name from `Authorization` for the jobs that they start: it must be the one that was
    verified, neither as typed nor out of a second header.
    """
    gone = (claim.header, claim.named_in)
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in gone]
    return {**scope, "headers": [*kept, (claim.named_in, basic_header.basic(identity.username))]}
