"""The page behind the gate where users make, see and revoke their tokens, `/tokens`; admins those of others too."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from flowship.auth.authenticator import CURRENT, Forbidden
from flowship.auth.gate.response import answer
from flowship.auth.pages.form import FormError, read_form
from flowship.auth.pages.page import show
from flowship.auth.pages.tokens import DAYS, tokens_page
from flowship.auth.requests import client
from flowship.auth.sessions.own_page import from_own_page
from flowship.auth.tokens import tokens
from flowship.auth.tokens.tokens import TokenError
from flowship.database.own_tables import tokens_table

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sqlalchemy import Engine

    from flowship.auth.authenticator import Identity, Scope
    from flowship.auth.gate.gate import App, Receive, Send
    from flowship.auth.pages.page import Page
    from flowship.database.own_tables.tokens_table import Token

TOKENS = "/tokens"
"""The page's path, after the static prefix."""

BY_A_TOKEN = "Tokens are made, listed and revoked by who signs in with a password, and not by a token."  # noqa: S105
FOREIGN = "The form was sent from a page of another site. Nothing was changed."
GONE = "There is no such token any more."


class Record(Protocol):
    """Writes down what was done with a token, for the audit log."""

    def __call__(self, done: str, identity: Identity, token: Token, address: str) -> None: ...


class TokenPages:
    """An ASGI app that answers the page of tokens, and hands everything else on to another one.

    `revoked` is told whose token it was, `is_admin` asks a database, and is called in a thread.
    """

    def __init__(
        self,
        app: App,
        engine: Callable[[], Engine],
        *,
        static_prefix: str,
        origins: Collection[str],
        is_admin: Callable[[Identity], bool],
        revoked: Callable[[str], None],
        record: Record,
    ) -> None:
        self._app = app
        self._engine = engine
        self._path = f"{static_prefix}{TOKENS}"
        self._origins = origins
        self._is_admin = is_admin
        self._revoked = revoked
        self._record = record

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        identity = CURRENT.get()
        if scope["type"] != "http" or scope["path"] != self._path or identity is None:
            await self._app(scope, receive, send)
            return
        if identity.by_token:
            await answer(Forbidden(BY_A_TOKEN), send)
            return
        form: Mapping[str, str] = {}
        wrong, status = "", HTTPStatus.OK
        if scope["method"] == "POST":
            try:
                form = await read_form(scope, receive)
            except FormError as error:
                wrong, status = str(error), HTTPStatus.BAD_REQUEST
            if not from_own_page(scope, self._origins):
                form, wrong, status = {}, FOREIGN, HTTPStatus.FORBIDDEN
        address = client(scope)
        page = await asyncio.to_thread(partial(self._done, identity, form, address, wrong=wrong, status=status))
        await show(page, send, method=scope["method"])

    def _done(self, identity: Identity, form: Mapping[str, str], address: str, *, wrong: str, status: int) -> Page:
        is_admin = self._is_admin(identity)
        new = said = ""
        try:
            if form.get("do") == "make":
                new = self._made(identity, form, address, is_admin=is_admin)
            elif form.get("do") == "revoke":
                said = self._taken_back(identity, form.get("id", ""), address, is_admin=is_admin)
        except TokenError as error:
            wrong, status = str(error), HTTPStatus.BAD_REQUEST
        found = tokens_table.of(self._engine(), None if is_admin else identity.username)
        return tokens_page(
            found,
            identity.username,
            time.time(),
            is_admin=is_admin,
            new=new,
            said=said,
            wrong=wrong,
            status=status,
        )

    def _made(self, identity: Identity, form: Mapping[str, str], address: str, *, is_admin: bool) -> str:
        wanted = form.get("days", "")
        if wanted not in DAYS:
            raise TokenError("Choose how long the token lasts from those of the page.")
        user = (form.get("for") if is_admin else "") or identity.username
        new, token = tokens.make(
            self._engine(),
            user,
            form.get("name", ""),
            days=int(wanted) if wanted else None,
            read_only=form.get("scope") != "all",
            made_by=identity.username,
            login=(identity.login or identity.username) if user == identity.username else "",
        )
        self._record("create", identity, token, address)
        return new

    def _taken_back(self, identity: Identity, id: str, address: str, *, is_admin: bool) -> str:  # noqa: A002
        token = tokens_table.remove(self._engine(), id, None if is_admin else identity.username)
        if token is None:
            raise TokenError(GONE)
        self._revoked(token.username)
        self._record("revoke", identity, token, address)
        return f"Revoked {token.name}."
