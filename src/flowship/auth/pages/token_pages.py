"""The page behind the gate where users make, see and revoke their tokens, `/tokens`; admins those of others too."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from flowship.auth.gate.for_people import ForPeople
from flowship.auth.pages.form import FormError, read_form
from flowship.auth.pages.page import show
from flowship.auth.pages.tokens import DAYS, tokens_page, unavailable_page
from flowship.auth.requests import client
from flowship.auth.sessions.own_page import from_own_page
from flowship.auth.tokens.desk import BY_A_TOKEN
from flowship.auth.tokens.tokens import TokenError
from flowship.auth.users_database import DOWN, UsersDatabaseError, asking_users

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from flowship.auth.authenticator import Identity, Scope
    from flowship.auth.gate.gate import Receive, Send
    from flowship.auth.pages.page import Page
    from flowship.auth.tokens.desk import Desk

TOKENS = "/tokens"
"""The page's path, after the static prefix."""

FOREIGN = "The form was sent from a page of another site. Nothing was changed."


class TokenPages:
    """Answers the page of tokens. From `origins` forms may come too."""

    def __init__(self, desk: Desk, *, static_prefix: str, origins: Collection[str]) -> None:
        self._desk = desk
        self._path = f"{static_prefix}{TOKENS}"
        self._origins = origins

    @property
    def route(self) -> ForPeople:
        return ForPeople(self._path, BY_A_TOKEN, self._answer)

    async def _answer(self, identity: Identity, scope: Scope, receive: Receive, send: Send) -> None:
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
        done = partial(self._done, identity, form, address, wrong=wrong, status=status)
        try:
            page = await asyncio.to_thread(done)
        except UsersDatabaseError:
            page = unavailable_page(DOWN)
        await show(page, send, method=scope["method"])

    @asking_users("nothing can be done with tokens")
    def _done(self, identity: Identity, form: Mapping[str, str], address: str, *, wrong: str, status: int) -> Page:
        new = said = ""
        try:
            if form.get("do") == "make":
                new = self._made(identity, form, address)
            elif form.get("do") == "revoke":
                token = self._desk.revoke(identity, form.get("id", ""), address=address)
                said = f"Revoked {token.name}."
        except TokenError as error:
            wrong, status = str(error), HTTPStatus.BAD_REQUEST
        return tokens_page(
            self._desk.list(identity),
            identity.username,
            time.time(),
            is_admin=self._desk.is_admin(identity),
            new=new,
            said=said,
            wrong=wrong,
            status=status,
        )

    def _made(self, identity: Identity, form: Mapping[str, str], address: str) -> str:
        wanted = form.get("days", "")
        if wanted not in DAYS:
            raise TokenError("Choose how long the token lasts from those of the page.")
        return self._desk.make(
            identity,
            form.get("name", ""),
            user=form.get("for", ""),
            days=int(wanted) if wanted else None,
            read_only=form.get("scope") != "all",
            address=address,
        )[0]
