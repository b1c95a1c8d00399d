"""The two pages between which a browser is at the provider: one sends it there, the other takes it back."""

from __future__ import annotations

import logging
import time
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from flowship.auth.memory.lanes import FullError, Lane
from flowship.auth.memory.rate import Rate
from flowship.auth.methods.oidc.provider.authorization import LogIn, address, logout_address
from flowship.auth.methods.oidc.provider.errors import LogInRefusedError, ProviderError, word_of
from flowship.auth.methods.oidc.provider.settings import CALLBACK
from flowship.auth.pages.destination import destination
from flowship.auth.pages.page import go_to
from flowship.auth.requests import client, header, network_of
from flowship.auth.sessions.cookies import cookie_header, pairs, set_cookie
from flowship.database.own_tables import provider_log_ins
from flowship.database.own_tables.hashing import hashed

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from flowship.auth.authenticator import Identity, Scope
    from flowship.auth.elsewhere import Parts, Receive, Send
    from flowship.auth.methods.oidc.members.logging_in import LoggingIn
    from flowship.auth.methods.oidc.members.membership import Membership

LOGIN = "oidc:"
"""What a session's log-in begins with that came from a provider, the account after it: no name that is typed holds a
colon."""

THREADS = 8
"""Log-ins that may be asking the database or the provider at once, in a worker."""
FROM_A_NETWORK, IN_SECONDS = 300, 60.0
"""Log-ins that may begin in a worker: whole offices come from one address, and in the morning."""
LONGEST_QUERY = 16_384
"""Bytes of what a provider sends back."""

AWAY = "The provider cannot be asked at the moment. Try again in a few seconds."
BROKEN = "You could not be logged in, because the database does not answer. Try again in a few seconds."
BUSY = "Too many people are logging in at the moment. Try again in a few seconds."
TOO_MANY = "Too many log-ins were begun from where you are. Try again in {} second{}."
EXPIRED = (
    "This log-in was begun in another browser, has been finished before, or took longer than ten minutes. Sign in "
    "again."
)
DENIED = "The provider did not let you in. Sign in again, or ask an administrator."
FORGED = "The provider's answer is not for this server. Sign in again."

_logger = logging.getLogger(__name__)


class Done(NamedTuple):
    """A log-in that is finished."""

    account: str
    identity: Identity
    back: str


class Told(NamedTuple):
    """What is told of an error."""

    result: str
    """A failed log-in in one word, for metrics and logs; empty where nobody could even be asked."""
    sentence: str
    status: int


class ProviderPages:
    """Sends browsers to a provider, and takes in those that come back."""

    def __init__(
        self,
        logging_in: LoggingIn,
        membership: Membership,
        parts: Parts,
        engine: Callable[[], Engine],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._logging_in, self._membership = logging_in, membership
        self._parts, self._prefix = parts, parts.static_prefix
        self._engine, self._clock = engine, clock
        self._lane = Lane("flowship-oidc", THREADS)
        self._begins = Rate(FROM_A_NETWORK, IN_SECONDS)

    async def begin(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a browser to the provider."""
        del receive
        back = destination(dict(_query(scope)).get("next", ""), self._prefix)
        if wait := self._begins.begin(network_of(client(scope))):
            sentence = TOO_MANY.format(wait, "" if wait == 1 else "s")
            await self._parts.refuse(back, sentence, HTTPStatus.TOO_MANY_REQUESTS, scope, send)
            return
        try:
            where, cookie = await self._lane.run(partial(self._begun, scope, back))
        except Exception as error:
            await self._failed(error, scope, send, back)
        else:
            await go_to(where, send, [cookie])

    async def take_back(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take in a browser that comes from the provider."""
        del receive
        start = destination("", self._prefix)
        said = _query(scope)
        answer = dict(said)
        try:
            if len(answer) != len(said):
                raise LogInRefusedError(FORGED, "the provider's answer says something twice")
            done = await self._lane.run(partial(self._done, scope, answer))
            cookies = await self._parts.begin(scope, done.identity, f"{LOGIN}{done.account}")
            if not cookies:
                raise LogInRefusedError(EXPIRED, "the user was deleted while logging in")
        except Exception as error:
            await self._failed(error, scope, send, start)
            return
        self._parts.observe("verified", done.identity.username, client(scope))
        used = set_cookie(scope, _cookie_name(scope, answer.get("state", "")), "", 0)
        await go_to(done.back, send, [*cookies, used])

    async def leave(self, scope: Scope, login: str) -> str:
        """Give the address at which the user of a session that has ended logs out at the provider; empty for none."""
        if not login.startswith(LOGIN):
            return ""
        try:
            return await self._lane.run(partial(self._farewell, scope, login.removeprefix(LOGIN)))
        except Exception as error:
            _told(error)
            return ""

    def _farewell(self, scope: Scope, account: str) -> str:
        provider, settings = self._logging_in.discovered(), self._logging_in.settings
        parts = urlsplit(self._redirect_uri(scope))
        back = f"{parts.scheme}://{parts.netloc}{self._prefix}/login?out=1"
        return logout_address(provider, settings, self._membership.given(account).id_token, back)

    def _begun(self, scope: Scope, back: str) -> tuple[str, tuple[bytes, bytes]]:
        log_in, provider = LogIn(), self._logging_in.discovered()
        begun = provider_log_ins.Begun(log_in.nonce, log_in.verifier, back)
        provider_log_ins.add(self._engine(), log_in.state, log_in.browser, begun, int(self._clock()))
        where = address(provider, self._logging_in.settings, log_in, self._redirect_uri(scope))
        return where, set_cookie(scope, _cookie_name(scope, log_in.state), log_in.browser, provider_log_ins.LASTS)

    def _done(self, scope: Scope, answer: dict[str, str]) -> Done:
        state = answer.get("state", "")
        browser = _cookie_value(scope, _cookie_name(scope, state))
        begun = provider_log_ins.take(self._engine(), state, browser, int(self._clock()))
        if begun is None:
            raise LogInRefusedError(EXPIRED, "there is no log-in of this state and this browser")
        provider = self._logging_in.discovered()
        issuer = answer.get("iss")
        if issuer != provider.issuer and (issuer is not None or provider.names_issuer):
            raise LogInRefusedError(FORGED, "the answer names another issuer (RFC 9207)")
        if "error" in answer or not answer.get("code"):
            word = word_of(answer["error"], "another error") if "error" in answer else "no code"
            raise LogInRefusedError(DENIED, f"the provider answers {word}")
        log_in = LogIn(state, browser, begun.nonce, begun.verifier)
        arrived = self._logging_in.arrived(answer["code"], log_in, self._redirect_uri(scope))
        account, identity = self._membership.arrived(arrived)
        return Done(account, identity, begun.back)

    async def _failed(self, error: Exception, scope: Scope, send: Send, back: str) -> None:
        told = _told(error)
        if told.result:
            self._parts.observe(told.result, "", client(scope))
        await self._parts.refuse(back, told.sentence, told.status, scope, send)

    def _redirect_uri(self, scope: Scope) -> str:
        given = self._logging_in.settings.redirect_uri
        return given or f"{scope['scheme']}://{header(scope, b'host')}{self._prefix}{CALLBACK}"


def _told(error: Exception) -> Told:
    """Say to a person what went wrong, and to the log what to mend."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    match error:
        case LogInRefusedError():
            _logger.warning("a log-in at the provider is refused: %s", error.detail)
            return Told("forbidden", str(error), HTTPStatus.FORBIDDEN)
        case ProviderError():
            _logger.error("nobody can log in at the provider: %s", error)
            return Told("unavailable", AWAY, HTTPStatus.SERVICE_UNAVAILABLE)
        case SQLAlchemyError() | MlflowException():
            _logger.warning("nobody can log in, because the users' database failed: %s", type(error).__name__)
            return Told("", BROKEN, HTTPStatus.SERVICE_UNAVAILABLE)
        case FullError():
            return Told("", BUSY, HTTPStatus.SERVICE_UNAVAILABLE)
    raise error


def _cookie_name(scope: Scope, state: str) -> str:
    """Give the name of a log-in's own cookie, so that two that are begun side by side both can be finished; behind
    HTTPS one that no other host can set."""
    name = f"flowship_log_in_{hashed(state)[:12]}"
    return f"__Host-{name}" if scope.get("scheme") == "https" else name


def _cookie_value(scope: Scope, name: str) -> str:
    values = [value for key, value in pairs(cookie_header(scope) or b"") if key == name.encode()]
    return values[0].decode("latin-1") if len(values) == 1 else ""


def _query(scope: Scope) -> list[tuple[str, str]]:
    query: bytes = scope.get("query_string", b"")
    if len(query) > LONGEST_QUERY:
        return []
    return parse_qsl(query.decode("latin-1"), keep_blank_values=True)
