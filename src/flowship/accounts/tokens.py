"""Tokens, which programs show instead of a password: on the database, or of who asks a server."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

from flowship.auth.tokens import tokens as making
from flowship.auth.tokens.api import PATH
from flowship.auth.tokens.tokens import TokenError
from flowship.database.own_tables import tokens_table
from flowship.database.own_tables.tokens_table import Token
from flowship.errors import AccountsError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from flowship.accounts.by_api import RemoteAccounts
    from flowship.accounts.in_database import Changed


class Tokens(Protocol):
    """Tokens, in whatever way they are reached. Each method raises AccountsError."""

    def list(self, user: str | None) -> list[Token]:
        """List those of a user, or all that may be seen."""

    def make(self, user: str, name: str, *, days: int | None, read_only: bool) -> tuple[str, Token]: ...

    def revoke(self, id: str) -> Token: ...  # noqa: A002 - what a token has


class StoredTokens:
    """Tokens in the database, of all users."""

    def __init__(self, engine: Engine, changed: Changed) -> None:
        tokens_table.create(engine)
        self._engine, self._changed = engine, changed

    def list(self, user: str | None) -> list[Token]:
        return tokens_table.of(self._engine, user)

    def make(self, user: str, name: str, *, days: int | None, read_only: bool) -> tuple[str, Token]:
        try:
            new, token = making.make(self._engine, user, name, days=days, read_only=read_only, made_by="")
        except TokenError as error:
            raise AccountsError(str(error)) from error
        self._changed("tokens/create", "done", {"username": token.username, "id": token.id})
        return new, token

    def revoke(self, id: str) -> Token:  # noqa: A002
        token = tokens_table.remove(self._engine, id)
        if token is None:
            raise AccountsError(f"There is no token {id!r}. `flowship tokens list` shows those that there are.")
        self._changed("tokens/revoke", "done", {"username": token.username, "id": token.id})
        return token


class RemoteTokens:
    """The tokens of who asks a server, and an admin's of all users."""

    def __init__(self, server: RemoteAccounts) -> None:
        self._server = server

    def list(self, user: str | None) -> list[Token]:
        found = [Token(**each) for each in self._asked("GET")["tokens"]]
        return [token for token in found if user in (None, token.username)]

    def make(self, user: str, name: str, *, days: int | None, read_only: bool) -> tuple[str, Token]:
        said = self._asked("POST", user=user, name=name, days=days, read_only=read_only)
        return str(said["token"]), Token(**said["made"])

    def revoke(self, id: str) -> Token:  # noqa: A002
        return Token(**self._asked("DELETE", id=id)["revoked"])

    def _asked(self, method: str, **said: Any) -> dict[str, Any]:
        reply = self._server.reply(PATH, method, said)
        if reply.status == HTTPStatus.NOT_FOUND:
            raise AccountsError(
                f"{self._server.address} takes no tokens here: it is no such Flowship, or tokens.enabled is false."
            )
        return self._server.document(reply)
