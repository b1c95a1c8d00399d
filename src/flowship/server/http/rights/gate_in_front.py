"""Puts the gate in front of MLflow's app: with the login page and sessions, or without them as the values say."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Attempt, Entrance
from flowship.auth.elsewhere import Parts
from flowship.auth.gate.asking import Asking
from flowship.auth.gate.for_people import ForPeople, for_people
from flowship.auth.gate.gate import PREFLIGHT, Gate
from flowship.auth.gate.jobs import entrance_of_jobs
from flowship.auth.gate.shown_secret import ShownSecret, like
from flowship.auth.in_mlflow.rights import is_admin
from flowship.auth.memory.looking_up import LookUpAuthenticator
from flowship.auth.pages.login import LoginPage
from flowship.auth.pages.page import show
from flowship.auth.pages.sign_in_pages import SignInPages
from flowship.auth.pages.terminal_pages import TERMINAL, TerminalPages
from flowship.auth.pages.token_pages import TOKENS, TokenPages
from flowship.auth.sessions.cookies import Cookies
from flowship.auth.sessions.limits import Limits
from flowship.auth.sessions.own_page import from_own_page
from flowship.auth.sessions.service import SessionService
from flowship.auth.sessions.sessions import Sessions
from flowship.auth.tokens.api import TokenApi
from flowship.auth.tokens.desk import Desk
from flowship.auth.tokens.tokens import SHAPE, TokenLookUp
from flowship.mlflow_seams.auth.passwords import users_engine
from flowship.mlflow_seams.auth.reading_routes import READING, reads
from flowship.server.reporting import audit
from flowship.status.report import PATH as STATUS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from starlette.types import ASGIApp, Scope, Send

    from flowship.auth.authenticator import Claim, Identity, Readmission
    from flowship.auth.sessions.limits import SessionSettings
    from flowship.auth.sign_in import Worker
    from flowship.database.own_tables.tokens_table import Token
    from flowship.server.plan.settings import ProcessSettings


FOREIGN = (
    "Cross-origin request blocked: who is signed in by a cookie may change something only from this server's own pages."
    " A program sends Authorization instead."
)
OWN_PAGES = frozenset({TOKENS, TERMINAL, STATUS})
"""Pages of Flowship's own behind the gate, after the static prefix."""
READ_ONLY = "This token may only read. Use one that may all that its user may."


def front(
    app: ASGIApp,
    settings: ProcessSettings,
    worker: Worker,
    *,
    is_open: Callable[[str], bool],
    observe: Callable[[Attempt], None],
) -> ASGIApp:
    """Let those through to the app whom the way to sign in verifies, by a header or by a session."""
    own = settings.sign_in.entrances(worker)
    entrances = [entrance_of_jobs(worker.gateway), *own]
    asking = Asking(observe, worker.generations.of)
    origins = frozenset(origin.lower() for origin in settings.origins or ())
    if settings.workloads:
        from flowship.auth.workloads.entrance import entrance  # needs an extra

        entrances.insert(1, entrance(settings.workloads, settings.sign_in.cache_ttl, worker))
    if settings.tokens:
        entrances.insert(1, _tokens(own, settings, worker))
    withheld = partial(_withheld, static_prefix=settings.static_prefix, origins=origins)
    terminals = _terminals(settings, worker, origins) if settings.tokens and settings.sessions else None
    app = for_people(app, _own_routes(settings, worker, origins, terminals))
    if settings.sessions is None:
        return Gate(app, entrances, is_open, asking, withheld=withheld)
    sessions = _sessions(own, settings, settings.sessions, worker)
    passwords = next((entrance.authenticator for entrance in own if entrance.takes_passwords), None)
    prefix = settings.static_prefix
    page = LoginPage(
        prefix, passwords=passwords is not None, tokens=settings.tokens, buttons=settings.sign_in.buttons(prefix)
    )
    parts = Parts(prefix, sessions.begin, partial(_refuse, page), lambda *attempt: observe(Attempt(*attempt)))
    elsewhere = settings.sign_in.elsewhere(parts)
    pages = SignInPages(
        sessions,
        page,
        asking,
        passwords,
        static_prefix=prefix,
        origins=origins,
        elsewhere=elsewhere,
        logged_out=_record_log_out,
    )
    gate = Gate(
        app,
        [*entrances, sessions.entrance],
        is_open,
        asking,
        turn_away=pages.turn_away,
        withheld=withheld,
    )
    return pages.in_front_of(terminals.in_front_of(gate) if terminals else gate)


async def _refuse(page: LoginPage, back: str, sentence: str, status: int, scope: Scope, send: Send) -> None:
    await show(page.form(back, wrong=sentence, status=status), send, method=scope["method"])


def _sessions(
    own: Sequence[Entrance], settings: ProcessSettings, wanted: SessionSettings, worker: Worker
) -> SessionService:
    longest = min((entrance.longest_session for entrance in own), default=float("inf"))
    return SessionService(
        Sessions(users_engine, Limits.of(wanted, longest), _readmission(own)),
        Cookies(settings.static_prefix),
        settings.sign_in.cache_ttl,
        worker.generations,
        gateway=worker.gateway,
    )


def _readmission(own: Sequence[Entrance]) -> Readmission | None:
    return next((entrance.readmission for entrance in own if entrance.readmission), None)


def _tokens(own: Sequence[Entrance], settings: ProcessSettings, worker: Worker) -> Entrance:
    authenticator = LookUpAuthenticator(
        TokenLookUp(users_engine, _readmission(own)),
        settings.sign_in.cache_ttl,
        worker.generations,
        name="flowship-tokens",
    )
    return Entrance(ShownSecret(worker.gateway), authenticator, takes=like(SHAPE.fullmatch))


def _own_routes(
    settings: ProcessSettings, worker: Worker, origins: frozenset[str], terminals: TerminalPages | None
) -> Iterator[ForPeople]:
    if terminals:
        yield terminals.route
    if not settings.tokens:
        return
    desk = Desk(users_engine, is_admin=is_admin, revoked=worker.generations.user_changed, record=_record)
    yield TokenPages(desk, static_prefix=settings.static_prefix, origins=origins).route
    yield TokenApi(desk, static_prefix=settings.static_prefix).route


def _terminals(settings: ProcessSettings, worker: Worker, origins: frozenset[str]) -> TerminalPages:
    return TerminalPages(
        users_engine,
        static_prefix=settings.static_prefix,
        origins=origins,
        ended=worker.generations.user_changed,
        record=_record,
    )


def _record(done: str, identity: Identity, token: Token, address: str) -> None:
    audit.record(f"tokens/{done}", "done", user=identity.username, client=address, username=token.username, id=token.id)


def _record_log_out(username: str, address: str, by: str) -> None:
    audit.record("log-out", "done", user=username, client=address, by=by)


def _withheld(
    scope: Scope, claim: Claim, identity: Identity, *, static_prefix: str, origins: frozenset[str]
) -> str | None:
    """Say why a request may not be made by such a claim, or None: a cookie changes something only from our own pages,
    and a token that only reads nothing at all."""
    if not (claim.ambient or identity.read_only):
        return None
    method, path = scope["method"], scope["path"].removeprefix(static_prefix)
    does_read = reads(method, path) or (method in READING and path in OWN_PAGES)
    if identity.read_only and not (does_read or method == PREFLIGHT):
        return READ_ONLY
    if claim.ambient and not (does_read and method in READING) and not from_own_page(scope, origins):
        return FOREIGN
    return None
