"""The app that `mlflow server` serves: the variables that it reads, what loads it, and what is put around its parts."""

from __future__ import annotations

import importlib
import inspect
import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flowship.mlflow_seams.auth.users import GATEWAY_PATH, auth_app
from flowship.mlflow_seams.database.schema import revisions, tracking_migrations
from flowship.mlflow_seams.installation import directory, quiet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Scope


def default_allowed_hosts() -> list[str]:
    """The Host headers that MLflow accepts by itself; a list of one's own replaces it, so ours begins with it.

    The module is read alone: its package, once imported, has read already which hosts are allowed.
    """
    file = directory() / "server" / "security_utils.py"
    with quiet():
        return list(runpy.run_path(str(file))["get_default_allowed_hosts"]())


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
    TLS_LISTENER = "_MLFLOW_SERVER_TLS_LISTENER"
    """Whether the server's own requests to itself must speak HTTPS (MLflow 3.18)."""
    PRESIGNED_ONLY = "MLFLOW_ARTIFACTS_PRESIGNED_ONLY"
    """Whether it refuses to carry files (MLflow 3.18)."""


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


UPLOAD_PATH = "/ajax-api/2.0/mlflow/upload-artifact"
"""Where the user interface uploads an artifact of a run, after the static prefix."""


def answered_by_fastapi(app: Starlette) -> Callable[[Scope], bool]:
    """Tells which requests a route of FastAPI answers, by method and path; all others are Flask's."""
    from starlette.routing import Match, Mount

    native = [route for route in app.routes if not isinstance(route, Mount)]
    return lambda scope: any(route.matches(scope)[0] is Match.FULL for route in native)


def middleware_concerns(native: Callable[[Scope], bool]) -> dict[str, Callable[[Scope], bool]]:
    """Which requests MLflow's middleware functions, by their full names, do something for; the others they hand on.

    `native` tells which FastAPI answers. The answers depend on method and path only. Without workspaces, what Flask
    answers is no business of the first: Flask itself refuses a header that names one.
    """
    from mlflow.environment_variables import MLFLOW_ENABLE_WORKSPACES
    from mlflow.server.handlers import _add_static_prefix

    gateway = _add_static_prefix(GATEWAY_PATH)
    upload = _add_static_prefix(UPLOAD_PATH)
    workspaces = MLFLOW_ENABLE_WORKSPACES.get()

    def validated(scope: Scope) -> bool:
        return auth_app()._find_fastapi_validator(scope["path"], scope["method"]) is not None

    return {
        "mlflow.server.fastapi_app.workspace_context_middleware": lambda scope: workspaces or native(scope),
        "mlflow.server.fastapi_app.gateway_timing_middleware": lambda scope: scope["path"].startswith(gateway),
        "mlflow.server.auth.fastapi_permission_middleware": lambda scope: native(scope) or validated(scope),
        "mlflow.server.fastapi_app.artifact_transfer_middleware": lambda scope: (  # MLflow 3.18
            scope["method"] == "POST" and scope["path"].rstrip("/") == upload
        ),
    }


NO_PATH: Mapping[str, Any] = {"type": "http", "method": "GET", "root_path": "", "path": "/\0", "headers": []}
"""A request that no route answers, so that all are asked."""


def make_routes(app: Starlette) -> None:
    """Have FastAPI make now what it makes of its routes when the first request is compared with them: a third of a
    second, and 16 MB, for each process that does it for itself."""
    for route in app.routes:
        route.matches(dict(NO_PATH))


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
    """Open MLflow's stores as the first request would."""
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
