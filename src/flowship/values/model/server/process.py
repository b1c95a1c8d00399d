"""What the server process is given: options of `mlflow server`, environment, and the keys that Flowship adds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from flowship.values.model.fields.section import CLUSTER_ONLY, LARGEST, Section
from flowship.values.model.fields.shape import Shape

Space = Annotated[str, Shape(r"^[1-9][0-9]*(Mi|Gi|Ti|M|G|T)\z", "is not a size. Write one such as `500Mi` or `2Gi`.")]
Seconds = Annotated[int, Field(ge=0, le=86400)]

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
    "artifactsPresignedOnly",
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
    """Let MLflow send them. When false, what its pages report is dropped by the server, though the home page says that
    data are collected and Settings shows it on: that switch is kept in each browser."""


class Server(Section):
    """The server's processes: how they stop, renew themselves and log."""

    drainDelaySeconds: Seconds = 5
    """Seconds for which a server that was asked to stop still accepts requests, so that load balancers can follow its
    readiness. Ctrl-C in `flowship up` skips them."""
    shutdownTimeoutSeconds: Seconds = 60
    """Seconds that running requests may take to end after that, such as a large upload."""
    maxRequestsPerWorker: int = Field(default=0, ge=0, le=LARGEST)
    """Requests after which a worker is replaced by a new one; 0 keeps it."""
    temporarySpace: Annotated[Space, CLUSTER_ONLY] = "2Gi"
    """Size that `/tmp` may have in a pod, such as `500Mi` or `2Gi`; Kubernetes replaces a pod that has more. Artifacts
    pass without being kept there."""
    maxBodyMiB: int = Field(default=100, ge=0, le=65536)
    """Mebibytes that the body of a request may have, such as a batch of metrics or of traces, also once unpacked; 0 for
    no limit. Artifacts have none."""
    hotApi: bool = True
    """Answer what training jobs and pages ask most often without MLflow's handlers, from MLflow's own tables: the same
    answers, several times faster. What is not understood whole still goes to MLflow."""
    domainMetrics: bool = True
    """Tell on the port of metrics how many experiments, runs and other rows there are, how large the databases are, and
    whether a migration is pending. They are asked every five minutes, and never for more than a hundredth of the
    time."""
    logFormat: Literal["plain", "json"] = "plain"
    """Format of the log: lines for people, or a JSON object per line."""
    auditLog: bool = False
    """Add to the log who did what, from where, and how it ended, a JSON object in each line: log-ins and those that
    failed, changes of users, roles, permissions and secrets, and each request that deletes."""
