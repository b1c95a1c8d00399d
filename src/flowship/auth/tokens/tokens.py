"""Tokens as they are made, looked up, listed and revoked. Each function asks the database: call it in a thread."""

from __future__ import annotations

import math
import re
import secrets
import time
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Identity, Unavailable, Verified, Wrong
from flowship.auth.disabled import still_enabled
from flowship.auth.memory.looking_up import Lasting
from flowship.auth.users_database import RETRY_AFTER, UsersDatabaseError, asking_users
from flowship.database.own_tables import tokens_table
from flowship.database.own_tables.hashing import hashed
from flowship.database.own_tables.tokens_table import LONGEST_NAME, Token

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from flowship.auth.authenticator import Credentials, Outcome, Readmission

PREFIX = "flowship_"
"""How tokens begin, so that people and scanners know them where they should not be."""
SHAPE = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")

USED_EVERY = 600
"""Seconds between two notes of when a token was used last."""
LONGEST_DAYS = 3_650
MOST = 200
"""Tokens of one user."""
DAY = 86_400


class TokenError(Exception):
    """Says why a token is not made; the message is a sentence for who wanted it."""


def make(
    engine: Engine,
    username: str,
    name: str,
    *,
    days: int | None,
    read_only: bool,
    made_by: str,
    login: str = "",
    now: float | None = None,
) -> tuple[str, Token]:
    """Make a token, which is shown this once, and what is kept of it. Without `days` it has no end.
    `login` is the name by which the user had signed in who makes it for herself.

    Raises:
        TokenError: it cannot be made.
    """
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise TokenError(f"A token needs a name of at most {LONGEST_NAME} letters, such as what it is for. Write one.")
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise TokenError(f"A token lasts from 1 to {LONGEST_DAYS} days. Write another number.")
    if len(tokens_table.of(engine, username)) >= MOST:
        raise TokenError(f"{username} has {MOST} tokens. Revoke one that is not needed any more.")
    made_at = int(time.time() if now is None else now)
    new = PREFIX + secrets.token_urlsafe(32)
    kept = Token(
        id=secrets.token_hex(4),
        username=username,
        name=name.strip(),
        read_only=read_only,
        made_at=made_at,
        login=login,
        made_by=made_by,
        expires_at=None if days is None else made_at + days * DAY,
        used_at=None,
    )
    if not tokens_table.add(engine, hashed(new), kept):
        raise TokenError(f"There is no user {username!r}. Write the name as MLflow has it.")
    return new, kept


class TokenLookUp:
    """Finds out whose token this is; called in a thread, with the token in the place of a password.

    Who made a token for herself has to be let in still by what verifies users; a service user, for whom an admin made
    it, is known to MLflow alone.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        readmission: Readmission | None = None,
        clock: Callable[[], float] = time.time,
        disabled: Callable[[str], bool] | None = None,
    ) -> None:
        self._engine = engine
        self._readmission = readmission
        self._clock = clock
        self._disabled = disabled

    def __call__(self, credentials: Credentials) -> Lasting | Outcome:
        try:
            with asking_users("no token can be verified"):
                return self._found(credentials)
        except UsersDatabaseError:
            return Unavailable(RETRY_AFTER)

    def _found(self, credentials: Credentials) -> Lasting | Outcome:
        engine, now = self._engine(), self._clock()
        token = tokens_table.find(engine, hashed(credentials.password))
        if token is None or credentials.username not in ("", token.username):
            return Wrong()
        left = math.inf if token.expires_at is None else token.expires_at - now
        if left <= 0:
            return Wrong()
        outcome = still_enabled(self._readmitted(token), self._disabled)
        if not isinstance(outcome, Verified):
            return outcome
        if token.used_at is None or now - token.used_at >= USED_EVERY:
            tokens_table.used(engine, token.id, int(now))
        identity = Identity(token.username, outcome.identity.is_admin, by_token=True, read_only=token.read_only)
        return Lasting(Verified(identity), left)

    def _readmitted(self, token: Token) -> Outcome:
        if self._readmission is None or not token.login:
            return Verified(Identity(token.username))
        outcome = self._readmission.ask(token.login)
        if isinstance(outcome, Verified) and outcome.identity.username != token.username:
            return Wrong()
        return outcome
