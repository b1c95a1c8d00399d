"""Sessions as a worker begins, looks up and ends them. Each method asks the database: call it in a thread."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Identity, Unavailable, Verified, Wrong
from flowship.auth.disabled import still_enabled
from flowship.auth.memory.looking_up import Lasting
from flowship.auth.sessions.limits import SEEN_EVERY
from flowship.auth.users_database import RETRY_AFTER, UsersDatabaseError, asking_users
from flowship.database.own_tables import sessions_table
from flowship.database.own_tables.hashing import hashed

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from flowship.auth.authenticator import Credentials, Outcome, Readmission
    from flowship.auth.sessions.limits import Limits
    from flowship.database.own_tables.sessions_table import Ended, Session


class Sessions:
    """The sessions of a server's users. `engine` gives the connections to the database of users."""

    def __init__(
        self,
        engine: Callable[[], Engine],
        limits: Limits,
        readmission: Readmission | None = None,
        clock: Callable[[], float] = time.time,
        disabled: Callable[[str], bool] | None = None,
    ) -> None:
        """`disabled` tells whether a user is, by MLflow's users unless it is given."""
        self._engine = engine
        self.limits = limits
        self._readmission = readmission
        self._clock = clock
        self._disabled = disabled

    def begin(self, username: str, login: str, *, address: str, browser: str) -> str | None:
        """Begin a session of a user who was verified under the name of a `login`, and give its id; None if there is no
        such user any more.

        Raises SQLAlchemyError when the database does not answer.
        """
        now = int(self._clock())
        limits = self.limits
        sessions_table.remove_ended(
            self._engine(), made_before=now - int(limits.lifetime), seen_before=now - int(limits.idle)
        )
        new = secrets.token_urlsafe(32)
        there = sessions_table.add(
            self._engine(), hashed(new), username, now, login=login, address=address, browser=browser
        )
        return new if there else None

    def end(self, id: str) -> Ended | None:  # noqa: A002 - what a session has
        """End a session, and tell whose it was, and with which log-in it began.

        Raises SQLAlchemyError when the database does not answer.
        """
        return sessions_table.remove(self._engine(), hashed(id))

    def look_up(self, credentials: Credentials) -> Lasting | Outcome:
        """Find out whose session this is, by the id in the place of a password."""
        try:
            with asking_users("no session can be verified"):
                return self._found(hashed(credentials.password))
        except UsersDatabaseError:
            return Unavailable(RETRY_AFTER)

    def _found(self, key: str) -> Lasting | Outcome:
        engine = self._engine()
        session = sessions_table.find(engine, key)
        if session is None:
            return Wrong()
        now = self._clock()
        left = self.limits.left(session, now)
        if left <= 0:
            sessions_table.remove(engine, key)
            return Wrong()
        outcome = self._readmitted(session)
        match outcome:
            case Verified(identity) if identity.username == session.username:
                if now - session.seen_at >= SEEN_EVERY:
                    sessions_table.seen(engine, key, int(now))
                    left = self.limits.left(replace(session, seen_at=int(now)), now)
                return Lasting(Verified(replace(identity, login=session.login)), left)
            case Verified():
                return Wrong()
            case Unavailable(seconds) if now - session.seen_at < self._grace(session.login):
                return Lasting(Verified(Identity(session.username, login=session.login)), min(left, seconds))
        return outcome

    def _grace(self, login: str) -> float:
        return self._readmission.grace(login) if self._readmission else 0.0

    def _readmitted(self, session: Session) -> Outcome:
        """Find out whether the user may still come in, who may be disabled or in no group any more."""
        known = Verified(Identity(session.username))
        return still_enabled(self._readmission.ask(session.login) if self._readmission else known, self._disabled)
