"""From values to what the server's process is told: MLflow's own variables, and the process's settings.

All of it is environment: an argument list is seen by every user of the machine. `mlflow server` would turn its options
into the same variables for the processes that it starts.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flowship.artifacts.credentials import client_environment
from flowship.auth.sessions.limits import SessionSettings
from flowship.auth.workloads.settings import workload_settings
from flowship.mlflow_seams.database import encryption as mlflow_encryption
from flowship.mlflow_seams.server.app import PROXIED_ROOT, Env
from flowship.server.plan.settings import MEBIBYTE, WORKERS, ProcessSettings
from flowship.values.model.server import uvicorn_options
from flowship.values.model.signing_in import admin
from flowship.values.model.variables import extra_variables
from flowship.values.rules.all_rules import REFUSED_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flowship.artifacts.change import Roots
    from flowship.auth.methods.chosen import AnySignIn
    from flowship.database.database import Database, Databases
    from flowship.database.own_tables.encryption import Keys
    from flowship.values.model.root import Values

INHERITED_STRAYS = (
    "MLFLOW_TRACKING_URI",
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_TOKEN",
    "MLFLOW_AUTH_ADMIN_USERNAME",
    "MLFLOW_AUTH_ADMIN_PASSWORD",
    "MLFLOW_ENABLE_WORKSPACES",
    "MLFLOW_ENABLE_ASSISTANT_SANDBOX",
    *REFUSED_VARIABLES,
)
"""Variables of the caller that would make the server another one than the values say."""

NOT_OURS = "starlette.middleware.wsgi is deprecated"
"""A warning that only MLflow's makers can act on, which each of its processes would print (MLflow 3.17.2)."""


@dataclass(frozen=True)
class ServerPlace:
    """Where this server runs: what the values do not say."""

    host: str
    port: int
    data: Path
    auth_config: Path | None = None
    inner_port: int | None = None
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True)
class ServerSettings:
    """What the server's process is started with."""

    process: ProcessSettings
    environment: dict[str, str | None]
    """Variables to set; None removes one."""


def static_prefix(values: Values) -> str:
    """Give the path under which everything is served, without a slash at its end."""
    return str(values.extraArgs.get("staticPrefix", ""))


def server_settings(
    values: Values,
    place: ServerPlace,
    databases: Databases,
    sign_in: AnySignIn,
    hosts: Sequence[str] = (),
    origins: Sequence[str] = (),
    read_replica: str | None = None,
) -> ServerSettings:
    """Decide what to start, for values that are not refused; to `hosts`, MLflow's own will be added."""
    process = _process(values, place, databases, sign_in, origins)
    changes: dict[str, str | None] = {
        **dict.fromkeys(INHERITED_STRAYS),
        **client_environment(values),
        **telemetry(values),
        **_direct_transfers(process),
        **_app(values, databases.tracking),
        Env.TLS_LISTENER: "true" if place.certificate else "false",
        Env.READ_REPLICA: read_replica,
        "PYTHONWARNINGS": ",".join([f"ignore:{NOT_OURS}", *_own_warnings(values)]),
    }
    if place.auth_config:
        changes |= _authentication(values, sign_in, place.auth_config)
    if hosts:
        changes[Env.ALLOWED_HOSTS] = ",".join(hosts)
    if origins:
        changes["MLFLOW_SERVER_CORS_ALLOWED_ORIGINS"] = ",".join(origins)
    return ServerSettings(process, beside_extra(values, changes))


def environment_from_databases(flask_key: str, roots: Roots, keys: Keys) -> dict[str, str | None]:
    """Give the variables to set or, with None, to remove for what only the databases tell."""
    return {
        "MLFLOW_FLASK_SERVER_SECRET_KEY": flask_key,
        mlflow_encryption.WEBHOOK_KEY: keys.webhook,
        mlflow_encryption.GATEWAY_PASSPHRASE: keys.gateway,
        mlflow_encryption.GATEWAY_VERSION: None,
        Env.ARTIFACT_ROOT: roots.direct or PROXIED_ROOT,
        Env.ARTIFACTS_DESTINATION: roots.behind,
        Env.SERVE_ARTIFACTS: "true" if roots.behind else None,
    }


def _process(
    values: Values, place: ServerPlace, databases: Databases, sign_in: AnySignIn, origins: Sequence[str]
) -> ProcessSettings:
    uvicorn = uvicorn_options.read(str(values.extraArgs.get("uvicornOpts", "")))
    archival = values.extraArgs.get("traceArchivalConfig")
    return ProcessSettings(
        host=place.host,
        port=place.port,
        inner_port=place.inner_port,
        static_prefix=static_prefix(values),
        workers=int(values.extraArgs.get("workers") or WORKERS),
        max_requests=values.server.maxRequestsPerWorker,
        max_body=values.server.maxBodyMiB * MEBIBYTE,
        hot_api=values.server.hotApi,
        domain_metrics=values.server.domainMetrics,
        drain_delay=values.server.drainDelaySeconds,
        shutdown_timeout=values.server.shutdownTimeoutSeconds,
        log_format=values.server.logFormat,
        audit_log=values.server.auditLog,
        log_level=str(uvicorn.pop("log_level", "info")),
        databases=databases.distinct,
        uvicorn=uvicorn,
        sign_in=sign_in,
        sessions=_sessions(values, sign_in),
        tokens=sign_in.gated and values.tokens.enabled,
        workloads=workload_settings(values) if sign_in.gated else (),
        trusted_proxies=tuple(values.trustedProxies),
        direct_uploads=values.artifactRoot.directTransfer in ("uploads", "both", "only"),
        direct_downloads=values.artifactRoot.directTransfer in ("downloads", "both", "only"),
        direct_only=values.artifactRoot.directTransfer == "only",
        allowed_locations=tuple(values.artifactRoot.allowedLocations),
        origins=_checked_origins(values, origins),
        assistant=values.assistant.enabled,
        certificate=place.certificate,
        key=place.key,
        trace_archival=Path(str(archival)) if archival else None,
    )


def _sessions(values: Values, sign_in: AnySignIn) -> SessionSettings | None:
    if not (sign_in.gated and values.sessions.enabled):
        return None
    return SessionSettings(idle=values.sessions.idleSeconds, lifetime=values.sessions.lifetimeSeconds)


def _checked_origins(values: Values, origins: Sequence[str]) -> tuple[str, ...] | None:
    """Give the origins that are compared, or None where MLflow compares none either."""
    return None if "disableSecurityMiddleware" in values.extraFlags or "*" in origins else tuple(origins)


def _app(values: Values, tracking: Database) -> dict[str, str | None]:
    """Give the variables by which `mlflow server` tells its app what it is."""
    options = values.extraArgs
    uri = tracking.served_url
    return {
        Env.TRACKING: uri,
        Env.REGISTRY: uri,
        Env.STATIC_PREFIX: static_prefix(values) or None,
        Env.SECRETS_CACHE_TTL: _option(options.get("secretsCacheTtl")),
        Env.SECRETS_CACHE_SIZE: _option(options.get("secretsCacheMaxSize")),
        Env.SERVER_KIND: "uvicorn",
        Env.BOOT_ID: secrets.token_hex(16),
        Env.IN_JOB: "false",
        "MLFLOW_SERVER_X_FRAME_OPTIONS": _option(options.get("xFrameOptions")),
        "MLFLOW_TRACE_ARCHIVAL_CONFIG": _option(options.get("traceArchivalConfig")),
        "MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE": _flag(values, "disableSecurityMiddleware"),
        "MLFLOW_ENABLE_WORKSPACES": _flag(values, "enableWorkspaces") or _flag(values, "disableWorkspaces", "false"),
    }


def _direct_transfers(process: ProcessSettings) -> dict[str, str | None]:
    """Say what MLflow tells its clients that they may do past the server: since 3.18 only what these say."""
    return {
        "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true" if process.direct_uploads else None,
        "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD": "true" if process.direct_downloads else None,
        Env.PRESIGNED_ONLY: "true" if process.direct_only else None,
    }


def _flag(values: Values, name: str, means: str = "true") -> str | None:
    return means if name in values.extraFlags else None


def _option(value: str | bool | float | None) -> str | None:
    return None if value in (None, "") else str(value)


def _own_warnings(values: Values) -> Iterator[str]:
    """Tell what the values say about Python's warnings; the last filter that matches wins."""
    if own := extra_variables(values.extraEnvVars).get("PYTHONWARNINGS"):
        yield own


def beside_extra(values: Values, changes: Mapping[str, str | None]) -> dict[str, str | None]:
    """Give the changes with `extraEnvVars`: a stray variable of the caller is removed, one of the values is not
    stray."""
    decided = {name: value for name, value in changes.items() if value is not None}
    return {**dict.fromkeys(changes), **extra_variables(values.extraEnvVars), **decided}


def telemetry(values: Values) -> dict[str, str]:
    """Give the variables that switch MLflow's reports to its makers off, unless the values allow them."""
    if values.telemetry.enabled:
        return {}
    return {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}


def _authentication(values: Values, sign_in: AnySignIn, config: Path) -> dict[str, str | None]:
    """MLflow's own app needs no admin password, because the preparation has made the admin; another app may."""
    environment: dict[str, str | None] = {"MLFLOW_AUTH_CONFIG_PATH": str(config)}
    found = admin(values)
    if found:
        environment["MLFLOW_AUTH_ADMIN_USERNAME"] = found.name  # exactly: a file's reader strips spaces
    if sign_in.in_mlflows_app:
        environment |= {Env.ADMIN_MADE: "true", Env.GATEWAY_TOKEN: secrets.token_hex(32)}
    elif found:
        environment["MLFLOW_AUTH_ADMIN_PASSWORD"] = found.password
    return environment


def applied(environment: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """Make the changes in a copy of an environment."""
    merged = {**environment, **changes}
    return {name: value for name, value in merged.items() if value is not None}
