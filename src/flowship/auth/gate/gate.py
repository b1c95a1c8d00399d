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

    from flowship.auth.authenticator import Authenticator, Claim, Entrance, Identity, Outcome, ReadClaim, Scope

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
        readers: dict[ReadClaim, ReadClaim] = {}
        self._entrances = [
            (readers.setdefault(entrance.read, entrance.read), entrance.takes, entrance.authenticator)
            for entrance in entrances
        ]
        self._is_open = is_open
        self._asking = asking or Asking()
        self._turn_away = turn_away
        self._withheld = withheld

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Whatever the context was that this one was copied from, nobody is known yet.
        token = CURRENT.set(None)
        try:
            let_in = await self._let_in(scope, send)
            if let_in is not None:
                await self._app(let_in, receive, send)
        finally:
            CURRENT.reset(token)

    async def _let_in(self, scope: Scope, send: Send) -> Scope | None:
        """Give the request as the app is to see it, with `CURRENT` set; None where it was turned away."""
        if scope["type"] != "http" or self._is_open(scope["path"]):
            return scope
        found = self._claim(scope)
        if found is None:
            if scope["method"] == PREFLIGHT:
                return scope
            await self._turn_away(Wrong(), scope, send)
            return None
        claim, authenticator = found
        outcome = await self._asking.outcome(authenticator, claim.credentials, scope, known=claim.ambient)
        if isinstance(outcome, Verified) and (sentence := self._withheld(scope, claim, outcome.identity)):
            outcome = Forbidden(sentence)
        if not isinstance(outcome, Verified):
            await self._turn_away(outcome, scope, send)
            return None
        CURRENT.set(outcome.identity)
        return _as_identified(scope, claim, outcome.identity)

    def _claim(self, scope: Scope) -> tuple[Claim, Authenticator] | None:
        """Find what a request says of who sends it, and who verifies that."""
        before, claim = None, None
        for read, takes, authenticator in self._entrances:
            if read is not before:
                before, claim = read, read(scope)
            if claim is not None and takes(claim):
                return claim, authenticator
        return None


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
