"""Sessions of one worker, for its event loop: begun, ended, and read of requests."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Entrance
from flowship.auth.memory.looking_up import LookUpAuthenticator
from flowship.auth.requests import client, header
from flowship.auth.sessions.claims import SessionClaims, credentials_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowship.auth.authenticator import Identity, Scope
    from flowship.auth.gateway import Gateway
    from flowship.auth.generations import Generations
    from flowship.auth.sessions.cookies import Cookies, Header
    from flowship.auth.sessions.sessions import Sessions
    from flowship.database.own_tables.sessions_table import Ended


class SessionService:
    """Begins and ends sessions, and is the entrance for those who have one."""

    def __init__(
        self,
        sessions: Sessions,
        cookies: Cookies,
        ttl: float,
        generations: Generations,
        *,
        gateway: Gateway | None = None,
    ) -> None:
        """`ttl` says for how many seconds this worker may remember who has a session."""
        self.cookies = cookies
        self._sessions = sessions
        self._generations = generations
        self._authenticator = LookUpAuthenticator(sessions.look_up, ttl, generations, name="flowship-sessions")
        self.entrance = Entrance(SessionClaims(cookies, gateway), self._authenticator)

    async def begin(self, scope: Scope, identity: Identity, login: str) -> Sequence[Header] | None:
        """Begin a session for who was verified, in place of the one that the browser has, and give the headers that
        hand it over; None if the user has gone meanwhile. `login` is the name that was typed.

        Raises SQLAlchemyError when the database does not answer.
        """
        await self.end(scope)
        begun = partial(
            self._sessions.begin,
            identity.username,
            login,
            address=client(scope),
            browser=header(scope, b"user-agent"),
        )
        new = await asyncio.to_thread(begun)
        return None if new is None else self.cookies.set(scope, new, int(self._sessions.limits.lifetime))

    async def end(self, scope: Scope) -> Ended | None:
        """End the session that a request has, in all workers of this server at once, and tell whose it was; None where
        there was none.

        Raises SQLAlchemyError when the database does not answer.
        """
        found = self.cookies.find(scope)
        if found.id is None:
            return None
        ended = await asyncio.to_thread(self._sessions.end, found.id)
        self._authenticator.forget(credentials_of(found.id))
        if ended is not None:
            self._generations.user_changed(ended.username)
        return ended
