"""Every private name of MLflow that Flowship touches. Each has a test that fails loudly when MLflow moves it.

`import mlflow` takes seconds, so each function imports what it needs, and what can be read without MLflow is.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.util
import inspect
import logging
import re
import runpy
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from sqlalchemy import URL, Connection, Engine
    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Scope

# --- The databases' schemas ------------------------------------------------------------------------------------------

TRACKING_VERSION_TABLE = "alembic_version"
AUTH_VERSION_TABLE = "alembic_version_auth"
"""Since MLflow 3.6; before, the auth database used `alembic_version` too."""

FIRST_TRACKING_TABLES = frozenset({"experiments", "runs", "tags", "metrics", "params"})
"""What `_initialize_tables` makes before the first revision is applied."""

FIRST_AUTH_REVISION = "8606fa83a998"
FIRST_AUTH_TABLES = frozenset({"users", "experiment_permissions", "registered_model_permissions"})
"""The auth database of MLflow 2.22.0."""

AUTH_TABLES = FIRST_AUTH_TABLES | {
    "scorer_permissions",
    "gateway_secret_permissions",
    "gateway_endpoint_permissions",
    "gateway_model_definition_permissions",
    "workspace_permissions",
    "roles",
    "role_permissions",
    "user_role_assignments",
}
"""All tables that any revision of the auth database makes."""


def tracking_migrations() -> Path:
    """The directory of alembic's scripts for the tracking database."""
    return _mlflow_directory() / "store" / "db_migrations"


def auth_migrations() -> Path:
    """The directory of alembic's scripts for the auth database."""
    return _mlflow_directory() / "server" / "auth" / "db" / "migrations"


@functools.cache
def revisions(migrations: Path) -> dict[str, str | None]:
    """Each revision and the one below it, read from the scripts as text: alembic would import them, and MLflow with
    them, which takes seconds."""
    found: dict[str, str | None] = {}
    for script in (migrations / "versions").glob("*.py"):
        source = script.read_text()
        revision = re.search(r"""^revision(?:: str)? = ["'](\w+)["']""", source, re.M)
        below = re.search(r"""^down_revision(?:: [\w |]+)? = (?:["'](\w+)["']|None)""", source, re.M)
        if revision and below:
            found[revision[1]] = below[1]
    return found


def initialise_tracking(engine: Engine) -> None:
    """Make the tables of the tracking database, or go on where that was interrupted."""
    with _quiet():
        from mlflow.store.db.utils import _initialize_tables

        _initialize_tables(engine)


def upgrade_tracking(engine: Engine) -> None:
    """Bring the tracking database to the newest revision."""
    with _quiet():
        from mlflow.store.db.utils import _upgrade_db

        _upgrade_db(engine)


def upgrade_auth(engine: Engine, revision: str = "head") -> None:
    """Make the tables of the auth database, or bring them to a revision, those of MLflow 2.22.0 too."""
    with _quiet():
        from mlflow.server.auth.db.utils import migrate

        migrate(engine, revision)


def make_default_experiment(url: URL, artifact_root: str) -> None:
    """Make what MLflow's store makes when it first opens a new tracking database."""
    with _quiet():
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

        store = SqlAlchemyStore(url.render_as_string(hide_password=False), artifact_root)
    store.engine.dispose()


PERMISSIONS_TO_ROLES = "e5f6a7b8c9d0"
"""The revision that moves the permissions of each user to a role of the user's own."""


def grant(connection: Connection, user_id: int, workspace: str, kind: str, name: str, permission: str) -> None:
    """Give a user a permission on one resource as that revision does, unless the user has one on it."""
    with _quiet():
        script = importlib.import_module(_PERMISSIONS_TO_ROLES_SCRIPT)
    role = script._get_or_create_synthetic_role(connection, user_id, workspace)
    script._insert_role_permission_if_missing(connection, role, kind, name, permission)


_PERMISSIONS_TO_ROLES_SCRIPT = "mlflow.server.auth.db.migrations.versions.e5f6a7b8c9d0_migrate_permissions_to_roles"


def artifact_repository(uri: str) -> Any:
    """MLflow's client of an object store, with `list_artifacts`, `log_artifact`, `download_artifacts` and
    `delete_artifacts`."""
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    return get_artifact_repository(uri)


def _mlflow_directory() -> Path:
    specification = importlib.util.find_spec("mlflow")  # finds the package without importing it
    if specification is None or specification.origin is None:
        raise ModuleNotFoundError("mlflow is not installed", name="mlflow")
    return Path(specification.origin).parent


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep alembic's line per revision, and warnings that only MLflow's makers can act on, from the user."""
    loggers = [logging.getLogger(name) for name in ("alembic", "alembic.runtime.migration", "mlflow.store.db.utils")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


# --- Users and hosts -------------------------------------------------------------------------------------------------


class AuthStore(Protocol):
    """What Flowship needs of MLflow's store of users."""

    def has_user(self, username: str) -> bool: ...

    def create_user(self, username: str, password: str, is_admin: bool = False) -> object: ...

    def update_user(self, username: str, password: str | None = None, is_admin: bool | None = None) -> object: ...

    def authenticate_user(self, username: str, password: str) -> bool: ...


@contextlib.contextmanager
def auth_store(url: URL) -> Iterator[AuthStore]:
    """MLflow's users in a database whose tables exist; its connections are closed afterwards."""
    with _quiet():
        from mlflow.server.auth.sqlalchemy_store import SqlAlchemyStore

        store = SqlAlchemyStore()
        store.init_db(url.render_as_string(hide_password=False))
    try:
        yield cast("AuthStore", store)
    finally:
        store.engine.dispose()


def default_allowed_hosts() -> list[str]:
    """The Host headers that MLflow accepts by itself; a list of one's own replaces it, so ours begins with it.

    The module is read alone: its package, once imported, has read already which hosts are allowed.
    """
    file = _mlflow_directory() / "server" / "security_utils.py"
    with _quiet():
        return list(runpy.run_path(str(file))["get_default_allowed_hosts"]())


# --- Authentication --------------------------------------------------------------------------------------------------

UNAUTHENTICATED = (
    "You are not authenticated. Please see https://www.mlflow.org/docs/latest/auth/index.html#authenticating-to-mlflow "
    "on how to authenticate."
)
"""How MLflow asks for credentials; with the same words before it is reached, no client can tell the difference."""

GATEWAY_PATH = "/gateway/"
"""What the paths of MLflow's gateway begin with, after the static prefix."""


@functools.cache
def _auth() -> ModuleType:
    """MLflow's basic auth app. To import it reads the file of its configuration, so the environment comes first."""
    with _quiet():
        return importlib.import_module("mlflow.server.auth")


def is_open_path(path: str) -> bool:
    """Whether MLflow answers this path without credentials; the static prefix may be in front."""
    return bool(_auth().is_unprotected_route(path))


def is_password_of(username: str, password: str) -> bool:
    """Whether it is the user's password, and not the one that old versions of MLflow gave to every admin.

    Raises MlflowException when the database does not answer.
    """
    auth = _auth()
    right = auth.store.authenticate_user(username, password)
    return bool(right) and not auth._is_disabled_legacy_admin_login(username, password)


def users_store() -> Any:
    """MLflow's store of users, as it is now: something of ours may be around it."""
    return _auth().store


def gateway_header() -> str:
    """The header in which the gateway looks for credentials before `Authorization`."""
    return str(_auth().MLFLOW_GATEWAY_AUTH_HEADER)


def gateway_token() -> str | None:
    """The password with which MLflow's own jobs act for any user, on the gateway's paths."""
    from mlflow.environment_variables import _MLFLOW_INTERNAL_GATEWAY_AUTH_TOKEN

    found = _MLFLOW_INTERNAL_GATEWAY_AUTH_TOKEN.get()
    return None if found is None else str(found)


# --- The server's app ------------------------------------------------------------------------------------------------


class Env:
    """Variables by which `mlflow server` tells its app, in processes of its own, what its options said."""

    TRACKING = "_MLFLOW_SERVER_FILE_STORE"
    READ_REPLICA = "_MLFLOW_SERVER_READ_REPLICA_BACKEND_STORE"
    REGISTRY = "_MLFLOW_SERVER_REGISTRY_STORE"
    ARTIFACT_ROOT = "_MLFLOW_SERVER_ARTIFACT_ROOT"
    ARTIFACTS_DESTINATION = "_MLFLOW_SERVER_ARTIFACT_DESTINATION"
    SERVE_ARTIFACTS = "_MLFLOW_SERVER_SERVE_ARTIFACTS"
    STATIC_PREFIX = "_MLFLOW_STATIC_PREFIX"
    ALLOWED_HOSTS = "MLFLOW_SERVER_ALLOWED_HOSTS"
    SECRETS_CACHE_TTL = "MLFLOW_SERVER_SECRETS_CACHE_TTL"
    SECRETS_CACHE_SIZE = "MLFLOW_SERVER_SECRETS_CACHE_MAX_SIZE"
    SERVER_KIND = "_MLFLOW_SGI_NAME"
    BOOT_ID = "_MLFLOW_SERVER_BOOT_ID"
    IN_JOB = "_MLFLOW_IN_JOB_EXECUTOR"
    ADMIN_MADE = "_MLFLOW_AUTH_ADMIN_BOOTSTRAPPED"
    GATEWAY_TOKEN = "_MLFLOW_INTERNAL_GATEWAY_AUTH_TOKEN"  # noqa: S105 - a variable's name
    JOB_QUEUES = "_MLFLOW_HUEY_STORAGE_PATH"
    SERVER_PID = "MLFLOW_SERVER_PID"
    UP_SINCE = "_MLFLOW_SERVER_UP_TIME"


PROXIED_ROOT = "mlflow-artifacts:/"
"""The artifact root of a server that serves artifacts and was given no other."""


def load_app(name: str | None) -> ASGIApp:
    """MLflow's app, or that of an entry point `mlflow.app`, as ASGI; the environment above decides what it is.

    Raises:
        LookupError: no such app is installed.
    """
    if name is None:
        app = importlib.import_module("mlflow.server.fastapi_app").app
    else:
        server = importlib.import_module("mlflow.server")
        try:
            place = server._find_app(name)
        except server.MlflowException as error:
            raise LookupError(error.message) from error
        module, _, attribute = place.partition(":")
        app = getattr(importlib.import_module(module), attribute)
        if server._is_factory(place):
            app = app()
    if not inspect.iscoroutinefunction(getattr(app, "__call__", None)):  # noqa: B004 - what ASGI calls
        # A WSGI app, such as MLflow's Flask app with something added: served as MLflow serves its own.
        app = importlib.import_module("mlflow.server.fastapi_app")._EfficientWSGIMiddleware(app)
    return cast("ASGIApp", app)


def on_flask_route(found: Callable[[str], None]) -> None:
    """Call `found` with the route of each request that Flask answers, before any of its handlers, in its thread."""
    from flask import request, request_started

    app = importlib.import_module("mlflow.server").app

    def started(sender: object, **extra: object) -> None:
        if request.url_rule is not None:
            found(request.url_rule.rule)

    request_started.connect(started, app, weak=False)


def wrap_auth_store(wrap: Callable[[Any], object]) -> None:
    """Put something of ours around the store of users that MLflow's authentication asks in each request."""
    auth: Any = _auth()
    auth.store = wrap(auth.store)


def wrap_run_lookup(wrap: Callable[[Any], object]) -> None:
    """Put something of ours around what looks up a run to authorize a request; not with workspaces, in which the same
    look-up also decides whether a run is in the request's workspace."""
    from mlflow.environment_variables import MLFLOW_ENABLE_WORKSPACES

    if not MLFLOW_ENABLE_WORKSPACES.get():
        auth: Any = _auth()
        auth._fetch_or_none = wrap(auth._fetch_or_none)


MODEL_LINKS = (b'"model_inputs"', b'"model_outputs"', b'"model_id"')
"""What MLflow withholds in runs from those who may not read logged models."""


def read_only_runs_with_models() -> None:
    """Let answers alone whose runs link to no model: for plain users MLflow parses each answer to find out."""
    auth: Any = _auth()
    redact = auth._redact_run_response

    def redact_linked(answer: Any, *how: Any) -> None:
        body = answer.get_data()
        if any(link in body for link in MODEL_LINKS):
            redact(answer, *how)

    auth._redact_run_response = redact_linked


def middleware_concerns(app: Starlette) -> dict[str, Callable[[Scope], bool]]:
    """Which requests MLflow's middleware functions, by their full names, do something for; the others they hand on.

    The answers depend on method and path only. Without workspaces, what Flask answers is no business of the first:
    Flask itself refuses a header that names one.
    """
    from mlflow.environment_variables import MLFLOW_ENABLE_WORKSPACES
    from mlflow.server.handlers import _add_static_prefix
    from starlette.routing import Match, Mount

    native = [route for route in app.routes if not isinstance(route, Mount)]
    gateway = _add_static_prefix(GATEWAY_PATH)
    workspaces = MLFLOW_ENABLE_WORKSPACES.get()

    def answered_by_fastapi(scope: Scope) -> bool:
        return any(route.matches(scope)[0] is Match.FULL for route in native)

    def validated(scope: Scope) -> bool:
        return _auth()._find_fastapi_validator(scope["path"], scope["method"]) is not None

    return {
        "mlflow.server.fastapi_app.workspace_context_middleware": lambda scope: (
            workspaces or answered_by_fastapi(scope)
        ),
        "mlflow.server.fastapi_app.gateway_timing_middleware": lambda scope: scope["path"].startswith(gateway),
        "mlflow.server.auth.fastapi_permission_middleware": lambda scope: (
            answered_by_fastapi(scope) or validated(scope)
        ),
    }


def dispose_auth_engine() -> None:
    """Close the connections of the store of users, so that a fork shares none; it connects again when asked."""
    _auth().store.engine.dispose()


LATE_IMPORTS = (
    "mlflow.store.tracking.sqlalchemy_workspace_store",
    "mlflow.store.model_registry.sqlalchemy_workspace_store",
    "mlflow.tracing.processor.base_mlflow",
    "mlflow.server.sandbox",
    "docker",
)
"""What MLflow imports when it opens its stores, and when its app starts: it looks for containers of its assistant."""


def share_what_workers_need(url: str) -> None:
    """Have now, for all processes that are forked afterwards, what each would load for itself: modules, the driver of
    this database, its newest revision, for which a store would load every script of migrations; but no connection."""
    import anyio
    from sqlalchemy import make_url

    anyio.run(anyio.sleep, 0)  # which loads its backend
    for name in LATE_IMPORTS:
        importlib.import_module(name)
    make_url(url).get_dialect().import_dbapi()
    utils: Any = importlib.import_module("mlflow.store.db.utils")
    known = revisions(tracking_migrations())
    (newest,) = known.keys() - known.values()
    utils._get_latest_schema_revision = lambda: newest


def open_stores() -> None:
    """Connect to the database as the first request would."""
    handlers = importlib.import_module("mlflow.server.handlers")
    handlers._get_tracking_store()
    handlers._get_model_registry_store()


def validate_trace_archival(config: Path) -> None:
    """Read the file of `traceArchivalConfig` as `mlflow server` does. Raises ValueError with what is wrong in it."""
    from mlflow.exceptions import MlflowException
    from mlflow.tracing.trace_archival_config import load_trace_archival_server_config

    try:
        load_trace_archival_server_config(config)
    except MlflowException as error:
        raise ValueError(error.message) from error


# --- Jobs ------------------------------------------------------------------------------------------------------------


def jobs_wanted() -> bool:
    """Whether this server runs jobs."""
    from mlflow.environment_variables import MLFLOW_SERVER_ENABLE_JOB_EXECUTION

    return bool(MLFLOW_SERVER_ENABLE_JOB_EXECUTION.get())


def job_names() -> list[str]:
    """The names of the jobs, each of which has a queue."""
    return list(_jobs()._job_name_to_fn_fullname_map)


def job_queue_file(name: str) -> str:
    """The file that a worker makes when it puts the first job into a queue."""
    return f"{name}.mlflow-huey-store"


def job_queues_are_files() -> bool:
    """Whether queues are files of this machine; else they are in Redis."""
    return _jobs()._get_huey_redis_url() is None


def jobs_use_executor() -> bool:
    """Whether `MLFLOW_SERVER_JOB_EXECUTION_ENGINE` chose MLflow's newer engine, which has one process for all."""
    return bool(_jobs().get_job_execution_engine() == "executor")


def periodic_jobs_wanted() -> bool:
    """Whether this server starts jobs by the clock."""
    from mlflow.environment_variables import MLFLOW_SERVER_JOB_ENABLE_PERIODIC_TASKS

    return bool(MLFLOW_SERVER_JOB_ENABLE_PERIODIC_TASKS.get())


def consume_jobs(name: str) -> None:
    """Run the jobs of one queue, each in a process of its own, until a signal ends it."""
    jobs = _jobs()
    function = jobs._load_function(jobs.get_job_fn_fullname(name))
    _consume(jobs._get_or_init_huey_instance(name).instance, function._job_fn_metadata.max_workers)


def consume_periodic_jobs() -> None:
    """Start jobs by the clock, until a signal ends it."""
    jobs = _jobs()
    queue = jobs._get_or_init_huey_instance(jobs.HUEY_PERIODIC_TASKS_INSTANCE_KEY).instance
    jobs.register_periodic_tasks(queue)
    _consume(queue, jobs.PERIODIC_TASKS_WORKER_COUNT, flush_locks=jobs._should_flush_periodic_locks())


def run_job_executor() -> None:
    """Run MLflow's newer engine for jobs, until a signal ends it."""
    runpy.run_module("mlflow.server.jobs._executor_runner", run_name="__main__")


def resume_jobs(started: int) -> None:
    """Put the jobs back into their queues that were unfinished at `started`, in milliseconds since 1970."""
    _jobs()._enqueue_unfinished_jobs(started)


def _jobs() -> Any:
    with _quiet():
        return importlib.import_module("mlflow.server.jobs.utils")


def _consume(queue: Any, workers: int, *, flush_locks: bool = False) -> None:
    from huey.consumer_options import ConsumerConfig

    options = ConsumerConfig(workers=workers, flush_locks=flush_locks)
    options.validate()
    queue.create_consumer(**options.values).run()
