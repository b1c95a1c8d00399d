"""What a worker serves: MLflow's app, behind what Flowship puts in front of it.

Observation        counts, times and logs each request
└── Probes         /health and /ready, before authentication and the check of hosts
    └── MLflow     unmodified, in its own app of the user's choice
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship import mlflow_seams
from flowship.errors import ServerError
from flowship.server.observation import Observation, set_route
from flowship.server.probes import Probes

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from flowship.server.draining import Draining
    from flowship.server.readiness import Readiness
    from flowship.server.settings import ProcessSettings


def load(settings: ProcessSettings) -> ASGIApp:
    """Import MLflow's app, once for all workers.

    Raises:
        ServerError: it cannot be loaded with these settings.
    """
    if settings.trace_archival:
        try:
            mlflow_seams.validate_trace_archival(settings.trace_archival)
        except ValueError as error:
            raise ServerError(f"extraArgs.traceArchivalConfig: {error}") from error
    try:
        app = mlflow_seams.load_app(settings.app)
    except LookupError as error:
        raise ServerError(f"auth.appName: {error.args[0]}") from error
    mlflow_seams.on_flask_route(set_route)
    return app


def in_front(app: ASGIApp, settings: ProcessSettings, readiness: Readiness, draining: Draining) -> ASGIApp:
    """The whole app of one worker; called in it, so that nothing is shared by accident."""
    return Observation(Probes(app, readiness, settings.static_prefix), draining)
