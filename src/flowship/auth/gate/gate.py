"""The door in front of MLflow's app: each request is authenticated once, off the event loop.

MLflow itself asks several times in a request, in its handlers' threads and on the event loop. Behind the gate it only
reads who was found, through `flowship.auth.in_mlflow.authorize`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.authenticator import CURRENT, Forbidden, Verified, Wrong
from flowship.auth.gate import basic_header
from flowship.auth.gate.asking import Asking
from flowship.auth.gate.response import answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping, Sequence
    from typing import Any

    from flowship.auth.authenticator import Claim, Entrance, Identity, Outcome, Scope

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]
    TurnAway = Callable[[Outcome, Scope, Send], Awaitable[None]]
    Withheld = Callable[[Scope, Claim, Identity], str | None]

PREFLIGHT = "OPTIONS"
"""The method by which browsers ask, without credentials, what another origin may do; MLflow answers it."""


def nothing_withheld(scope: Scope, claim: Claim, identity: Identity) -> str | None:
    """Withhold nothing."""
    del scope, claim, identity
    return None


async def turn_away_plainly(outcome: Outcome, scope: Scope, send: Send) -> None:
    """Answer who may not come in as MLflow does."""
    del scope
    await answer(outcome, send)


class Gate:
    """An ASGI app that lets verified requests through to another one, with `CURRENT` set.

    The first of `entrances` that finds a claim in a request has `asking` verify it; a request without one is asked for
    credentials before its body is read. `is_open` tells the paths that need none, and `turn_away` answers those who may
    not come in. `withheld` says what may not be done by such a claim, whoever makes it.
    """

    def __init__(
        self,
        app: App,
        entrances: Sequence[Entrance],
        is_open: Callable[[str], bool],
        asking: Asking | None = None,
        *,
        turn_away: TurnAway = turn_away_plainly,
        withheld: Withheld = nothing_withheld,
    ) -> None:
        self._app = app
        self._entrances = [(entrance.read, entrance.authenticator) for entrance in entrances]
        self._is_open = is_open
        self._asking = asking or Asking()
        self._turn_away = turn_away
        self._withheld = withheld

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
                outcome = await self._asking.outcome(authenticator, claim.credentials, scope, known=claim.ambient)
                break
        else:
            if scope["method"] == PREFLIGHT:
                await self._app(scope, receive, send)
            else:
                await self._turn_away(Wrong(), scope, send)
            return
        if isinstance(outcome, Verified) and (sentence := self._withheld(scope, claim, outcome.identity)):
            outcome = Forbidden(sentence)
        if not isinstance(outcome, Verified):
            await self._turn_away(outcome, scope, send)
            return
        CURRENT.set(outcome.identity)
        await self._app(_as_identified(scope, claim, outcome.identity), receive, send)


def _as_identified(scope: Scope, claim: Claim, identity: Identity) -> Scope:
    """Make the request that MLflow sees, with its claim replaced by the name that was verified, without the password.

    MLflow's handlers read the name from `Authorization` for the jobs that they start: it must be the one that was
    verified, neither as typed nor out of a second header.
    """
    gone = (claim.header, claim.named_in)
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in gone]
    if claim.left:
        kept.append((claim.header, claim.left))
    return {**scope, "headers": [*kept, (claim.named_in, basic_header.basic(identity.username))]}
