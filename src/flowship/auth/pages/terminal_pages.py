"""The page behind the gate where somebody lets a terminal in, `/terminal`, and what terminals ask in front of it."""

from __future__ import annotations

import time
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flowship.auth.authenticator import Identity
from flowship.auth.gate.for_people import ForPeople
from flowship.auth.memory.failures import Failures
from flowship.auth.memory.lanes import FullError, Lane
from flowship.auth.pages.form import FormError, read_form
from flowship.auth.pages.page import show
from flowship.auth.pages.terminal import LET_IN, TURNED_AWAY, answered, ask_for_code, ask_whether
from flowship.auth.requests import client
from flowship.auth.responding import respond_json
from flowship.auth.sessions.own_page import from_own_page
from flowship.auth.terminals import requests
from flowship.auth.terminals.requests import Made
from flowship.auth.tokens.tokens import SHAPE
from flowship.auth.users_database import DOWN, UsersDatabaseError, asking_users
from flowship.database.own_tables import terminal_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sqlalchemy import Engine

    from flowship.auth.authenticator import Scope
    from flowship.auth.gate.gate import App, Receive, Send
    from flowship.auth.pages.page import Page
    from flowship.auth.tokens.desk import Record

    Said = tuple[int, dict[str, Any]]
    Ask = Callable[[Mapping[str, str], str], Said]

TERMINAL = "/terminal"
"""The page's path, after the static prefix; below it is what terminals ask."""

BY_A_TOKEN = "A terminal is let in by who signs in with a password or at a provider, and not by a token."  # noqa: S105
FOREIGN = "The form was sent from a page of another site. Nothing was done."
UNKNOWN = "No terminal waits with this code. It may be too old: see what the terminal shows now."
FULL = "Too many terminals wait. Try again in some minutes."


class TerminalPages:
    """Answers the page for people, behind the gate, and terminals, in front of it.

    `ended` is told whose token was ended, and `record` writes tokens down. Used on one event loop.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        *,
        static_prefix: str,
        origins: Collection[str],
        ended: Callable[[str], None],
        record: Record,
    ) -> None:
        self._engine = engine
        self._path = f"{static_prefix}{TERMINAL}"
        self._origins = origins
        self._ended, self._record = ended, record
        self._tries = Failures(free_for_an_address=None)
        # Anybody can be a terminal, so that people who are signed in do not wait for terminals.
        self._terminals, self._people = Lane("flowship-terminals", 1), Lane("flowship-lets-in", 1)
        asked = {"begin": self._begin, "fetch": self._fetch, "end": self._end}
        self._asked = {f"{self._path}/{name}": ask for name, ask in asked.items()}

    @property
    def route(self) -> ForPeople:
        return ForPeople(self._path, BY_A_TOKEN, self._answer)

    def in_front_of(self, app: App) -> App:
        """Put what terminals ask in front of the gate."""

        async def asked(scope: Scope, receive: Receive, send: Send) -> None:
            ask = self._asked.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
            if ask is None:
                await app(scope, receive, send)
                return
            try:
                form = await read_form(scope, receive)
                status, said = await self._terminals.run(partial(_told, ask, form, client(scope)))
            except FormError as error:
                status, said = HTTPStatus.BAD_REQUEST, {"error": str(error)}
            except FullError:
                status, said = HTTPStatus.SERVICE_UNAVAILABLE, {"error": FULL}
            except UsersDatabaseError:
                status, said = HTTPStatus.SERVICE_UNAVAILABLE, {"error": DOWN}
            await respond_json(send, status, said)

        return asked

    async def _answer(self, identity: Identity, scope: Scope, receive: Receive, send: Send) -> None:
        await show(await self._page(identity, scope, receive), send, method=scope["method"])

    async def _page(self, identity: Identity, scope: Scope, receive: Receive) -> Page:
        if scope["method"] != "POST":
            return ask_for_code()
        try:
            form = await read_form(scope, receive)
        except FormError as error:
            return ask_for_code(str(error), HTTPStatus.BAD_REQUEST)
        if not from_own_page(scope, self._origins):
            return ask_for_code(FOREIGN, HTTPStatus.FORBIDDEN)
        address = client(scope)
        # Codes are guessed by users only, who are counted whatever address they come from.
        if wait := self._tries.begin(identity.username, ""):
            sentence = f"There were too many wrong codes. Try again in {wait} second{'' if wait == 1 else 's'}."
            return ask_for_code(sentence, HTTPStatus.TOO_MANY_REQUESTS)
        try:
            page = await self._people.run(partial(self._decided, identity, form, address))
        except (FullError, UsersDatabaseError) as error:
            self._tries.undo(identity.username, "")
            sentence = FULL if isinstance(error, FullError) else DOWN
            return ask_for_code(sentence, HTTPStatus.SERVICE_UNAVAILABLE)
        if page is None:
            return ask_for_code(UNKNOWN, HTTPStatus.NOT_FOUND)
        self._tries.undo(identity.username, "")  # and no more: a code of one's own makes up for no guesses
        return page

    @asking_users("no terminal can be let in")
    def _decided(self, identity: Identity, form: Mapping[str, str], address: str) -> Page | None:
        engine, code, now = self._engine(), requests.code_of(form.get("code", "")), int(time.time())
        done = form.get("do")
        if done not in ("allow", "refuse"):
            asking = terminal_requests.waiting(engine, code, now)
            return None if asking is None else ask_whether(code, asking, identity.username, address)
        login = identity.login or identity.username
        if not terminal_requests.answer(engine, code, identity.username, login, now, allowed=done == "allow"):
            return None
        return answered(LET_IN if done == "allow" else TURNED_AWAY)

    def _begin(self, form: Mapping[str, str], address: str) -> Said:
        read_only = form.get("scope") != "all"
        begun = requests.begin(self._engine(), address, form.get("program", ""), read_only=read_only)
        if begun is None:
            return HTTPStatus.TOO_MANY_REQUESTS, {"error": FULL}
        return HTTPStatus.OK, {
            "secret": begun.secret,
            "code": requests.shown(begun.code),
            "seconds": terminal_requests.LASTS,
            "every": requests.EVERY,
        }

    def _fetch(self, form: Mapping[str, str], address: str) -> Said:
        found = requests.fetch(self._engine(), form.get("secret", ""))
        if not isinstance(found, Made):
            return HTTPStatus.ACCEPTED if found == requests.WAITING else HTTPStatus.GONE, {"state": found}
        self._record("create", Identity(found.token.username), found.token, address)
        return HTTPStatus.OK, {"token": found.text, "user": found.token.username, "ends": found.token.expires_at}

    def _end(self, form: Mapping[str, str], address: str) -> Said:
        token = form.get("token", "")
        ended = requests.end(self._engine(), token) if SHAPE.fullmatch(token) else None
        if ended is not None:
            self._ended(ended.username)
            self._record("revoke", Identity(ended.username), ended, address)
        return HTTPStatus.OK, {"ended": ended is not None}


@asking_users("no terminal can be answered")
def _told(ask: Ask, form: Mapping[str, str], address: str) -> Said:
    return ask(form, address)
