"""One question about who sends something, whoever puts it: the gate for a request, the login page for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.authenticator import Attempt, Forbidden, Outcome, Slowed, Unavailable, Verified, Wrong
from flowship.auth.memory.single_flight import SingleFlight
from flowship.auth.requests import client

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.authenticator import Authenticator, Credentials, Scope

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


class Asking:
    """Asks authenticators, each question once for all who ask it at the same time, and tells how it ended.

    `observe` is told that, for metrics and logs. `generation` gives a number that is another one once a user was
    changed. Used on one event loop.
    """

    def __init__(
        self,
        observe: Callable[[Attempt], None] = lambda attempt: None,
        generation: Callable[[str], int] = lambda username: 0,
    ) -> None:
        self._observe = observe
        self._generation = generation
        self._asking = SingleFlight[Outcome]()

    async def outcome(
        self, authenticator: Authenticator, credentials: Credentials | None, scope: Scope, *, known: bool = False
    ) -> Outcome:
        """Find out whether credentials are right that a request came with; None are wrong. `known` says that they come
        of an earlier log-in: when they are right that is no new one, and when they are not, they have ended."""
        address = client(scope)
        if credentials is None:
            self._tell(Wrong(), "", address, known=known)
            return Wrong()
        if identity := authenticator.remembered(credentials):
            self._observe(Attempt(CACHED, identity.username, address))
            return Verified(identity)

        async def asked() -> Outcome:  # to its end, even if the client goes away
            outcome = await authenticator.authenticate(credentials, address)
            self._tell(outcome, credentials.username, address, known=known)
            return outcome

        # Who comes after a change of the user does not wait for what was asked before it.
        key = (authenticator, credentials, address, self._generation(credentials.username))
        outcome, first = await self._asking.ask(key, asked)
        if not first:
            self._tell(outcome, credentials.username, address, known=known, again=True)
        return outcome

    def _tell(self, outcome: Outcome, username: str, address: str, *, known: bool = False, again: bool = False) -> None:
        if isinstance(outcome, Verified):
            result = CACHED if known or again else VERIFIED
            self._observe(Attempt(result, outcome.identity.username, address))
        elif not (known and isinstance(outcome, Wrong)):
            self._observe(Attempt(LABELS[type(outcome)], username, address))
