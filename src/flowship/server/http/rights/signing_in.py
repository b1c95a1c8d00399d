"""Puts the gate in front of MLflow's app: with the login page and sessions, or without them as the values say."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Attempt
from flowship.auth.elsewhere import Parts
from flowship.auth.gate.asking import Asking
from flowship.auth.gate.basic_claims import entrance_of_jobs, mlflows_gateway
from flowship.auth.gate.gate import Gate
from flowship.auth.pages.login import LoginPage
from flowship.auth.pages.page import show
from flowship.auth.pages.sign_in_pages import SignInPages
from flowship.auth.sessions.cookies import Cookies
from flowship.auth.sessions.limits import Limits
from flowship.auth.sessions.own_page import from_own_page
from flowship.auth.sessions.service import SessionService
from flowship.auth.sessions.sessions import Sessions
from flowship.mlflow_seams.auth.passwords import users_engine
from flowship.server.http.rights.origins import acts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp, Scope, Send

    from flowship.auth.authenticator import Entrance
    from flowship.auth.sessions.limits import SessionSettings
    from flowship.auth.sign_in import Worker
    from flowship.server.plan.settings import ProcessSettings


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
    entrances = [entrance_of_jobs(mlflows_gateway(settings.static_prefix)), *own]
    asking = Asking(observe, worker.generations.of)
    if settings.sessions is None:
        return Gate(app, entrances, is_open, asking)
    sessions = _sessions(own, settings, settings.sessions, worker)
    origins = frozenset(origin.lower() for origin in settings.origins or ())
    passwords = next((entrance.authenticator for entrance in own if entrance.takes_passwords), None)
    prefix = settings.static_prefix
    page = LoginPage(prefix, passwords=passwords is not None, buttons=settings.sign_in.buttons(prefix))
    parts = Parts(prefix, sessions.begin, partial(_refuse, page), lambda *attempt: observe(Attempt(*attempt)))
    elsewhere = settings.sign_in.elsewhere(parts)
    pages = SignInPages(sessions, page, asking, passwords, static_prefix=prefix, origins=origins, elsewhere=elsewhere)
    gate = Gate(
        app,
        [*entrances, sessions.entrance],
        is_open,
        asking,
        turn_away=pages.turn_away,
        is_foreign=partial(_is_foreign, static_prefix=prefix, origins=origins),
    )
    return pages.in_front_of(gate)


async def _refuse(page: LoginPage, back: str, sentence: str, status: int, scope: Scope, send: Send) -> None:
    await show(page.form(back, wrong=sentence, status=status), send, method=scope["method"])


def _sessions(
    own: Sequence[Entrance], settings: ProcessSettings, wanted: SessionSettings, worker: Worker
) -> SessionService:
    longest = min((entrance.longest_session for entrance in own), default=float("inf"))
    readmission = next((entrance.readmission for entrance in own if entrance.readmission), None)
    return SessionService(
        Sessions(users_engine, Limits.of(wanted, longest), readmission),
        Cookies(settings.static_prefix),
        settings.sign_in.cache_ttl,
        worker.generations,
        gateway=mlflows_gateway(settings.static_prefix),
    )


def _is_foreign(scope: Scope, *, static_prefix: str, origins: frozenset[str]) -> bool:
    """Tell whether a request would change something, and comes from no page of this server."""
    return acts(scope["method"], scope["path"], static_prefix) and not from_own_page(scope, origins)
