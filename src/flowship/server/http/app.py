"""What a worker serves: MLflow's app, behind what Flowship puts in front of it.

From the outside in:

Probes          /health and /ready, before everything, neither counted nor logged
Observation     counts, times and logs each request
Forwarded       what proxies say, if they are trusted
CanonicalPaths  one meaning for each path, before anything is decided by it
Hosts           whether this server is meant
Origins         what pages of other sites may not do
RetryAfter      503, where the database is too busy
SignInPages     /login and /logout, where people sign in with a browser
TerminalPages   /terminal/..., where terminals ask to be let in
Gate            who sends it; who must log in and does not, stops here
TerminalPages   /terminal, where users let their own terminals in
TokenPages      /tokens, where users make and revoke their own
UserInLog       tells the log who the gate let in
StatusRoute     tells admins how the server is
Audited         writes down what deletes, and who is given rights
Bodies          how large they may be
Nesting         how deep their JSON may be
AssistantDoor   who may have commands run by MLflow's assistant
Transfers       moves files to and from stores, once MLflow has decided
MLflow          unmodified: its app, or one of the user's own, with the hot API in front of its Flask app
"""

from __future__ import annotations

import logging
import os
from functools import partial
from typing import TYPE_CHECKING

from starlette.applications import Starlette

from flowship.artifacts.paths import kept, typed
from flowship.artifacts.places import Allowed
from flowship.auth.authenticator import CURRENT
from flowship.auth.gateway import mlflows_gateway
from flowship.auth.in_mlflow.installing import install, install_in_worker
from flowship.auth.in_mlflow.rights import is_admin
from flowship.auth.sign_in import Worker
from flowship.database import served
from flowship.database.own_tables import removals
from flowship.errors import ServerError
from flowship.mlflow_seams.artifacts import paths as mlflow_paths
from flowship.mlflow_seams.artifacts.clients import kind_of_uri
from flowship.mlflow_seams.artifacts.places import client_roots, guard_places
from flowship.mlflow_seams.auth import users as mlflow_users
from flowship.mlflow_seams.database.encryption import use_webhook_key
from flowship.mlflow_seams.database.engines import connect, disconnect, share_engines
from flowship.mlflow_seams.reading import bodies as mlflow_bodies
from flowship.mlflow_seams.reading.amounts import refuse_too_much
from flowship.mlflow_seams.reading.quick_spans import read_spans_quickly
from flowship.mlflow_seams.reading.requests import refuse_unparsed, refuse_unreadable
from flowship.mlflow_seams.reading.spans import limit_spans
from flowship.mlflow_seams.server import app as mlflow_app
from flowship.mlflow_seams.server import hosts as mlflow_hosts
from flowship.mlflow_seams.server import jobs as mlflow_jobs
from flowship.mlflow_seams.tracking.restoring import ask_before_restoring
from flowship.mlflow_seams.tracking.routes import wrap_flask
from flowship.mlflow_seams.tracking.searching.limits import limit_searches
from flowship.mlflow_seams.tracking.traces.spans import write_spans_with
from flowship.server.http.addresses.forwarded import Forwarded
from flowship.server.http.addresses.hosts import Hosts
from flowship.server.http.addresses.memory import remember_short
from flowship.server.http.addresses.paths import CanonicalPaths
from flowship.server.http.bypass import bypass, flask_first, remembering_paths
from flowship.server.http.limits.amounts import excess
from flowship.server.http.limits.bodies import ANONYMOUS, Bodies, too_large
from flowship.server.http.limits.nesting import Nesting
from flowship.server.http.limits.retry_after import RetryAfter
from flowship.server.http.observing.attempts import observe
from flowship.server.http.observing.audited import Audited
from flowship.server.http.observing.observation import Observation, set_native_route, set_route, set_user
from flowship.server.http.observing.probes import Probes
from flowship.server.http.observing.status import StatusRoute
from flowship.server.http.rights import gate_in_front, guard
from flowship.server.reporting.metrics import DIRECTORY_DOWN
from flowship.tracking.database import TrackingDatabase
from flowship.tracking.hot_api import HotApi, hot_routes
from flowship.tracking.span_intake import Intake

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from flowship.auth.generations import Generations
    from flowship.server.http.observing.draining import Draining
    from flowship.server.plan.settings import ProcessSettings
    from flowship.server.reporting.readiness import Readiness
    from flowship.status.report import Status

_logger = logging.getLogger(__name__)

OPEN_PATHS = 3_000
"""Paths of which it is remembered whether they are open, about 1 MB."""


def load(settings: ProcessSettings) -> ASGIApp:
    """Import MLflow's app, once for all workers.

    Raises:
        ServerError: it cannot be loaded with these settings.
    """
    served.register()
    if settings.trace_archival:
        try:
            mlflow_app.validate_trace_archival(settings.trace_archival)
        except ValueError as error:
            raise ServerError(f"extraArgs.traceArchivalConfig: {error}") from error
    if mlflow_jobs.jobs_wanted():
        try:
            mlflow_jobs.validate_execution()
        except ValueError as error:
            raise ServerError(f"extraEnvVars: {error}") from error
    sign_in = settings.sign_in
    try:
        app = mlflow_app.load_app(sign_in.app)
    except LookupError as error:
        raise ServerError(f"auth.appName: {error.args[0]}") from error
    share_engines()
    refuse_unparsed()
    refuse_unreadable()
    limit_searches()
    refuse_too_much(excess)
    limit_spans()
    mlflow_app.on_flask_route(set_route)
    use_webhook_key()
    guard_places(
        Allowed(client_roots(), settings.allowed_locations, users=sign_in.app is not None),
        mlflow_users.sender_is_admin if sign_in.in_mlflows_app else lambda: False,
    )
    if settings.max_body:
        mlflow_bodies.limit_unpacked_traces(settings.max_body)
    ask_before_restoring(removals.refusal)
    guard.tell_mlflow(settings)
    mlflow_app.share_what_workers_need(settings.databases[0].url.render_as_string(hide_password=False))
    mlflow_paths.read_paths_once(typed, kept, users=sign_in.in_mlflows_app)
    install(sign_in)
    _hand_over(app, settings)
    if isinstance(app, Starlette):
        _answer_hot_routes(app, settings)
        mlflow_app.make_routes(app)
        native = remembering_paths(mlflow_app.answered_by_fastapi(app))
        bypass(app, mlflow_app.middleware_concerns(native))
        flask_first(app, native)
    _open_stores()
    return app


def _hand_over(app: ASGIApp, settings: ProcessSettings) -> None:
    from flowship.mlflow_seams.artifacts.transfers import hand_over  # imports MLflow

    hand_over(
        app,
        uploads=settings.direct_uploads,
        downloads=settings.direct_downloads,
    )


def _answer_hot_routes(app: Starlette, settings: ProcessSettings) -> None:
    """Answer hot routes in front of Flask, unless permissions are decided by what Flowship does not know."""
    if settings.hot_api and not settings.sign_in.runs_own_code:
        gated, store, answering = settings.sign_in.gated, TrackingDatabase(), partial(set_route, hot=True)
        wrap_flask(app, lambda flask: HotApi(flask, hot_routes(), store, gated=gated, answering=answering))
        write_spans_with(Intake(store, answering).write)
        read_spans_quickly(app)


def _open_stores() -> None:
    """Open MLflow's stores once for all workers, which then have only to connect."""
    from flowship.server.http.files import transfers  # noqa: F401 - what each worker would import for itself

    _where_possible(mlflow_app.open_stores)
    disconnect()


def warm_up() -> None:
    """Connect to the database before the first request does, so that it is as fast as the second."""

    def connected() -> None:
        mlflow_app.open_stores()
        connect()

    _where_possible(connected)


def _where_possible(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception:  # whatever it is, the first request meets it too, and tells it to a user
        _logger.info("MLflow's stores could not be reached yet", exc_info=True)


def in_front(
    app: ASGIApp,
    settings: ProcessSettings,
    readiness: Readiness,
    draining: Draining,
    generations: Generations,
    status: Callable[[], Status],
) -> ASGIApp:
    """The whole app of one worker; called in it, so that nothing is shared by accident."""
    app = Nesting(guard.door(_with_transfers(app), settings))
    app = Bodies(app, partial(_limit_of_body, settings), too_large)
    app = Audited(app, settings.static_prefix)
    if not settings.sign_in.runs_own_code:  # whose admins nobody else knows
        app = StatusRoute(app, status, is_admin, settings.static_prefix)
    install_in_worker(settings.sign_in, generations)
    if settings.sign_in.gated:
        app = _behind_gate(app, settings, generations)
    app = RetryAfter(app)
    app = guard.against_pages(app, settings)
    if (patterns := mlflow_hosts.checked_hosts()) is not None:
        app = Hosts(app, patterns, mlflow_hosts.is_exempt(), mlflow_hosts.refusal())
    app = CanonicalPaths(app, settings.static_prefix)
    app = Forwarded(app, settings.trusted_proxies)
    return Probes(Observation(app, draining), readiness, settings.static_prefix)


def _with_transfers(app: ASGIApp) -> ASGIApp:
    from flowship.server.http.files.transfers import Transfers  # imports MLflow

    destination = os.environ.get(mlflow_app.Env.ARTIFACTS_DESTINATION, "")
    return Transfers(app, keeps=kind_of_uri(destination) is not None, decided=set_native_route)


def _limit_of_body(settings: ProcessSettings, scope: Scope) -> int | None:
    """The bytes that the body of this request may have; None for any number."""
    if settings.sign_in.gated and CURRENT.get() is None:
        return ANONYMOUS
    if not settings.max_body or mlflow_bodies.is_upload(scope, settings.static_prefix):
        return None
    return settings.max_body


def _behind_gate(app: ASGIApp, settings: ProcessSettings, generations: Generations) -> ASGIApp:
    """The app for those whom the way to sign in lets through."""
    worker = Worker(generations, mlflows_gateway(settings.static_prefix), DIRECTORY_DOWN.set)
    return gate_in_front.front(
        _UserInLog(app),
        settings,
        worker,
        is_open=remember_short(mlflow_users.is_open_path, OPEN_PATHS),
        observe=observe,
    )


class _UserInLog:
    """Tells the log whom the gate has let in, and where the request went: behind the gate its scope is another one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if identity := CURRENT.get():
            set_user(identity.username)
        try:
            await self._app(scope, receive, send)
        finally:
            set_native_route(scope)
