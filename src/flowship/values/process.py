"""What the server process is given: options of `mlflow server`, environment, and the keys that Flowship adds."""

from __future__ import annotations

from typing import Literal

from flowship.values.section import Section

ServerOption = Literal[
    "allowedHosts",
    "appName",
    "artifactsDestination",
    "backendStoreUri",
    "corsAllowedOrigins",
    "defaultArtifactRoot",
    "exposePrometheus",
    "gunicornOpts",
    "host",
    "port",
    "readReplicaBackendStoreUri",
    "registryStoreUri",
    "secretsCacheMaxSize",
    "secretsCacheTtl",
    "staticPrefix",
    "traceArchivalConfig",
    "uvicornOpts",
    "waitressOpts",
    "workers",
    "workspaceStoreUri",
    "xFrameOptions",
]
"""Options of `mlflow server` that take a value, in camelCase (MLflow 3.17.2)."""

ServerFlag = Literal[
    "artifactsOnly",
    "dev",
    "disableSecurityMiddleware",
    "disableWorkspaces",
    "enableWorkspaces",
    "noServeArtifacts",
    "serveArtifacts",
]
"""Options of `mlflow server` that take none."""


class Telemetry(Section):
    """MLflow's own usage reports to its makers."""

    enabled: bool = False
    """Let MLflow send them."""
