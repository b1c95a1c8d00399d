"""What somebody who is signed in may do with tokens: with the own ones, and an admin with those of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from flowship.auth.tokens import tokens
from flowship.auth.tokens.tokens import TokenError
from flowship.database.own_tables import tokens_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from flowship.auth.authenticator import Identity
    from flowship.database.own_tables.tokens_table import Token

BY_A_TOKEN = "Tokens are made, listed and revoked by who signs in with a password, and not by a token."  # noqa: S105
GONE = "There is no such token any more."


class Record(Protocol):
    """Writes down what was done with a token, for the audit log."""

    def __call__(self, done: str, identity: Identity, token: Token, address: str) -> None: ...


class Desk:
    """Lists, makes and revokes tokens. Each method asks the database: call it in a thread.

    `revoked` is told whose token it was.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        *,
        is_admin: Callable[[Identity], bool],
        revoked: Callable[[str], None],
        record: Record,
    ) -> None:
        self._engine = engine
        self.is_admin = is_admin
        self._revoked, self._record = revoked, record

    def list(self, identity: Identity) -> list[Token]:
        """List those that this user may see, the newest first."""
        return tokens_table.of(self._engine(), None if self.is_admin(identity) else identity.username)

    def make(
        self, identity: Identity, name: str, *, user: str, days: int | None, read_only: bool, address: str
    ) -> tuple[str, Token]:
        """Make a token: of an admin for any user, and of everybody else for herself. Raises TokenError."""
        whose = (user if self.is_admin(identity) else "") or identity.username
        new, token = tokens.make(
            self._engine(),
            whose,
            name,
            days=days,
            read_only=read_only,
            made_by=identity.username,
            login=(identity.login or identity.username) if whose == identity.username else "",
        )
        self._record("create", identity, token, address)
        return new, token

    def revoke(self, identity: Identity, id: str, *, address: str) -> Token:  # noqa: A002 - what a token has
        """Revoke one of those that this user may see. Raises TokenError."""
        token = tokens_table.remove(self._engine(), id, None if self.is_admin(identity) else identity.username)
        if token is None:
            raise TokenError(GONE)
        self._revoked(token.username)
        self._record("revoke", identity, token, address)
        return token
