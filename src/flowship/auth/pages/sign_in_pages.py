"""The pages in front of the gate, `/login` and `/logout`, and what a browser is told that has no session."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from flowship.auth.authenticator import Unavailable, Verified, Wrong
from flowship.auth.elsewhere import Elsewhere
from flowship.auth.gate.basic_header import usable
from flowship.auth.gate.response import BASIC, QUIET, answer
from flowship.auth.gate.shown_secret import AUTHORIZATION
from flowship.auth.pages.destination import destination, login_address
from flowship.auth.pages.form import FormError, read_form
from flowship.auth.pages.login import FOREIGN, LOGGED_OUT
from flowship.auth.pages.navigation import wants_page
from flowship.auth.pages.page import Page, go_to, show
from flowship.auth.requests import client
from flowship.auth.sessions.own_page import from_own_page
from flowship.auth.users_database import RETRY_AFTER, UsersDatabaseError, asking_users

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from flowship.auth.authenticator import Authenticator, Outcome, Scope
    from flowship.auth.gate.asking import Asking
    from flowship.auth.gate.gate import App, Receive, Send
    from flowship.auth.pages.login import LoginPage
    from flowship.auth.sessions.service import SessionService
    from flowship.database.own_tables.sessions_table import Ended

BY_PAGE, BY_MENU, AT_PROVIDER = "page", "MLflow's menu", "page, and at the provider"
"""How somebody logs out. The menu's is known with the browser's next request."""


class SignInPages:
    """An ASGI app that answers our own pages, and hands everything else on to the gate.

    `passwords` verifies what the form sends, as it does for programs, with the same limits; None where no way to sign
    in takes any. From `origins` forms may come too. `elsewhere` has the pages of who signs in there. `logged_out` is
    told who has logged out, from where, and whether by our page, by MLflow's own menu, or on to the provider's log-out.
    """

    def __init__(
        self,
        sessions: SessionService,
        page: LoginPage,
        asking: Asking,
        passwords: Authenticator | None,
        *,
        static_prefix: str,
        origins: Collection[str] = (),
        elsewhere: Elsewhere | None = None,
        logged_out: Callable[[str, str, str], None] = lambda username, address, by: None,
    ) -> None:
        self._sessions = sessions
        self._page = page
        self._asking = asking
        self._passwords = passwords
        self._prefix = static_prefix
        self._origins = origins
        self._elsewhere = elsewhere or Elsewhere()
        self._logged_out = logged_out
        pages = {**self._elsewhere.pages, "/login": self._login, "/logout": self._logout}
        self._pages = {f"{static_prefix}{path}": page for path, page in pages.items()}

    def in_front_of(self, app: App) -> App:
        """Put the pages in front of an app."""

        async def answered(scope: Scope, receive: Receive, send: Send) -> None:
            page = self._pages.get(scope["path"]) if scope["type"] == "http" else None
            if page is None:
                await app(scope, receive, send)
            elif scope["method"] not in ("GET", "HEAD", "POST"):
                allowed = [(b"allow", b"GET, HEAD, POST")]
                await show(Page("This page takes no such request", "", 405, allowed), send)
            else:
                await page(scope, receive, send)

        return answered

    async def turn_away(self, outcome: Outcome, scope: Scope, send: Send) -> None:
        """Answer who may not come in: a browser is led to the login page, and a program told as before."""
        found = self._sessions.cookies.find(scope)
        if found.id is not None and not found.shown:  # MLflow's own Log out
            ended, _ = await self._ended(scope)
            self._tell(scope, ended, BY_MENU)
        gone = self._sessions.cookies.clear(scope) if found.any and isinstance(outcome, Wrong) else []
        named = any(name.lower() == AUTHORIZATION for name, _ in scope["headers"])
        if isinstance(outcome, Wrong) and wants_page(scope) and not named:
            path = scope.get("raw_path") or scope["path"].encode()
            await go_to(login_address(self._prefix, path, scope.get("query_string", b"")), send, gone)
            return
        knows_the_page = (found.any or found.shown) and not named
        await answer(outcome, send, challenge=QUIET if knows_the_page else BASIC, more=gone)

    async def _login(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            await self._sign_in(scope, receive, send)
            return
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        back = destination(asked.get("next", [""])[0], self._prefix)
        outcome = await self._session(scope)
        if isinstance(outcome, Verified):
            page = self._page.signed_in(outcome.identity.username)
        elif isinstance(outcome, Unavailable):
            page = self._page.refused(outcome, back, "")
        else:
            page = self._page.form(back, said=LOGGED_OUT if "out" in asked else "")
        await show(page, send, method=scope["method"])

    async def _sign_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = destination("", self._prefix)
        if not from_own_page(scope, self._origins):
            await show(self._page.form(start, wrong=FOREIGN, status=HTTPStatus.FORBIDDEN), send)
            return
        try:
            form = await read_form(scope, receive)
        except FormError as error:
            await show(self._page.form(start, wrong=str(error), status=HTTPStatus.BAD_REQUEST), send)
            return
        back, username = destination(form.get("next", ""), self._prefix), form.get("username", "")
        outcome = await self._verified(scope, username, form.get("password", ""))
        if isinstance(outcome, Verified):
            outcome, cookies = await self._begun(scope, outcome, username)
            if cookies:
                await go_to(back, send, cookies)
                return
        await show(self._page.refused(outcome, back, username), send)

    async def _verified(self, scope: Scope, username: str, password: str) -> Outcome:
        if self._passwords is None:
            return Wrong()
        return await self._asking.outcome(self._passwords, usable(username, password), scope)

    async def _begun(self, scope: Scope, verified: Verified, login: str) -> tuple[Outcome, list[tuple[bytes, bytes]]]:
        """Begin a session, and give the headers that hand it over, or why there is none."""
        try:
            with asking_users("no session can be kept"):
                cookies = await self._sessions.begin(scope, verified.identity, login)
        except UsersDatabaseError:
            return Unavailable(RETRY_AFTER), []
        return (verified, list(cookies)) if cookies else (Wrong(), [])

    async def _logout(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive  # there is nothing in it
        if not from_own_page(scope, self._origins):
            status = HTTPStatus.FORBIDDEN if scope["method"] == "POST" else HTTPStatus.OK
            await show(replace(self._page.ask_to_log_out(), status=status), send, method=scope["method"])
            return
        ended, is_known = await self._ended(scope)
        if not is_known:
            sentence = "You could not be logged out, because the database does not answer. Try again in a few seconds."
            await show(self._page.form("", wrong=sentence, status=HTTPStatus.SERVICE_UNAVAILABLE), send)
            return
        gone = self._sessions.cookies.clear(scope)
        address = await self._elsewhere.leave(scope, ended.login) if ended else ""
        self._tell(scope, ended, AT_PROVIDER if address else BY_PAGE)
        if address:
            await show(self._page.leaving(address, gone), send, method=scope["method"])
            return
        await go_to(f"{self._prefix}/login?out=1", send, gone)

    async def _ended(self, scope: Scope) -> tuple[Ended | None, bool]:
        """End the session of a request, and tell whose it was, None where there was none, and whether that is known."""
        try:
            with asking_users("a session cannot be ended"):
                return await self._sessions.end(scope), True
        except UsersDatabaseError:
            return None, False

    def _tell(self, scope: Scope, ended: Ended | None, by: str) -> None:
        if ended is not None:
            self._logged_out(ended.username, client(scope), by)

    async def _session(self, scope: Scope) -> Outcome:
        """Find out whether a request has a session."""
        claim = self._sessions.entrance.read(scope)
        if claim is None or claim.credentials is None:
            return Wrong()
        entrance = self._sessions.entrance
        return await self._asking.outcome(entrance.authenticator, claim.credentials, scope, known=True)
