"""What may not be combined in `extraArgs`, `extraFlags`, `extraEnvVars`, `allowedHosts` and `corsAllowedOrigins`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values import uvicorn_options
from flowship.values.conditions import (
    All,
    Given,
    GivesVariable,
    GivesVariableTwice,
    LinesMatch,
    Lists,
    Matches,
    Not,
    Some,
    lookup,
)
from flowship.values.root import Values
from flowship.values.rule import Rule
from flowship.values.variables import BUNDLED_HOSTS, VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowship.values.variables import Variable

_IN_THE_PROCESS_LIST = "would show its password in the process list."

REFUSED_OPTIONS = {
    "allowedHosts": "would replace MLflow's own list. Write allowedHosts at the top level, which adds to it.",
    "appName": "is decided by another key. Write auth.appName.",
    "artifactsDestination": "is decided by other keys. Write artifactRoot.",
    "backendStoreUri": f"{_IN_THE_PROCESS_LIST} Write backendStore, postgresql or mysql.",
    "corsAllowedOrigins": "is decided by another key. Write corsAllowedOrigins at the top level.",
    "defaultArtifactRoot": "is decided by other keys. Write artifactRoot.",
    "exposePrometheus": "is not needed, because metrics have a port of their own. Write serviceMonitor.enabled.",
    "gunicornOpts": "would do nothing, because the server is uvicorn. Write extraArgs.workers or "
    "extraArgs.uvicornOpts.",
    "host": "is decided by Flowship, because the container listens on all its addresses. Remove it; on a laptop, run "
    "flowship up --host.",
    "port": "is decided by another key. Write service.port; on a laptop, run flowship up --port.",
    "readReplicaBackendStoreUri": f"{_IN_THE_PROCESS_LIST} Write extraEnvVars.MLFLOW_READ_REPLICA_BACKEND_STORE_URI.",
    "registryStoreUri": "is not supported, because models are kept in the tracking database, where they are waited "
    "for, migrated and backed up with the runs. Remove it.",
    "waitressOpts": "would do nothing, because the server is uvicorn. Write extraArgs.uvicornOpts.",
    "workspaceStoreUri": f"{_IN_THE_PROCESS_LIST} Write extraEnvVars.MLFLOW_WORKSPACE_STORE_URI.",
}
"""Options of `mlflow server` that other keys decide, each with the key to write instead."""

REFUSED_FLAGS = {
    "artifactsOnly": "is not supported, because Flowship runs the whole tracking server. Remove it.",
    "dev": "is not for serving, because it restarts the server when files change. Remove it.",
    "noServeArtifacts": "is decided by another key. Write artifactRoot.proxiedArtifactStorage: false.",
    "serveArtifacts": "is decided by another key. Write artifactRoot.proxiedArtifactStorage: true.",
}
"""Flags of `mlflow server` that other keys decide."""

REFUSED_VARIABLES = {
    "FORWARDED_ALLOW_IPS": "Write trustedProxies.",
    "MLFLOW_ARTIFACTS_DESTINATION": "Write artifactRoot.",
    "MLFLOW_ARTIFACTS_ONLY": "Remove it, because Flowship runs the whole tracking server.",
    "MLFLOW_AUTH_CONFIG_PATH": "Write auth.configPath and auth.configFile.",
    "MLFLOW_BACKEND_STORE_URI": "Write backendStore, postgresql or mysql.",
    "MLFLOW_CRYPTO_KEK_VERSION": "Remove it; a new encryption.gatewayPassphrase takes over by itself.",
    "MLFLOW_DEFAULT_ARTIFACT_ROOT": "Write artifactRoot.",
    "MLFLOW_EXPOSE_PROMETHEUS": "Write serviceMonitor.enabled.",
    "MLFLOW_GUNICORN_OPTS": "Write extraArgs.workers or extraArgs.uvicornOpts.",
    "MLFLOW_HOST": "Remove it; on a laptop, run flowship up --host.",
    "MLFLOW_PORT": "Write service.port; on a laptop, run flowship up --port.",
    "MLFLOW_REGISTRY_STORE_URI": "Remove it, because models are kept with the runs.",
    "MLFLOW_SERVE_ARTIFACTS": "Write artifactRoot.proxiedArtifactStorage.",
    "MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE": "Write disableSecurityMiddleware into extraFlags.",
    "MLFLOW_SERVER_X_FRAME_OPTIONS": "Write extraArgs.xFrameOptions.",
    "MLFLOW_STATIC_PREFIX": "Write extraArgs.staticPrefix.",
    "MLFLOW_TRACE_ARCHIVAL_CONFIG": "Write extraArgs.traceArchivalConfig.",
    "MLFLOW_UVICORN_OPTS": "Write extraArgs.uvicornOpts.",
    "MLFLOW_WORKERS": "Write extraArgs.workers.",
    "MLFLOW_WORKSPACE": "Remove it, because it is for clients.",
}
"""Variables by which `mlflow server` reads what other keys decide, each with what to write instead."""

TELEMETRY_VARIABLES = ("MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK")


def process() -> Iterator[Rule]:
    """The server is told one thing, in one place."""
    for option, reason in REFUSED_OPTIONS.items():
        yield Rule((f"extraArgs.{option}",), Given(f"extraArgs.{option}"), reason)
    for flag, reason in REFUSED_FLAGS.items():
        yield Rule(("extraFlags",), Lists("extraFlags", flag), f"{flag} {reason}")
    for variable, instead in REFUSED_VARIABLES.items():
        name = f"extraEnvVars.{variable}"
        yield Rule((name,), GivesVariable(variable), f"is decided by other keys. {instead}")
    for variable in TELEMETRY_VARIABLES:
        name = f"extraEnvVars.{variable}"
        yield Rule((name,), GivesVariable(variable), "is decided by another key. Write telemetry.enabled.")
    yield from map(_twice, VARIABLES)
    yield Rule(
        ("extraEnvVars",),
        GivesVariableTwice(),
        "two names are equal in upper case, in which each of them is given. Keep one of the two.",
    )
    yield from _options()
    yield from _flags()
    yield from _addresses()


def _twice(stands: Variable) -> Rule:
    """A variable beside the key it stands for. A default of that key cannot be taken back, and a bundled server is made
    with what the key says, so the key must be used."""
    name = f"extraEnvVars.{stands.name}"
    reads = [Given(f"{stands.section}.enabled")] if stands.section else []
    if stands.section in BUNDLED_HOSTS or lookup(Values().model_dump(by_alias=True), stands.key):
        return Rule((name,), All(*reads, GivesVariable(stands.name)), f"is decided by another key. Write {stands.key}.")
    return Rule(
        (name, stands.key),
        All(*reads, GivesVariable(stands.name), Given(stands.key)),
        "only one of these may be given, because they say the same thing. Keep one of them.",
        about_files=True,
    )


def _options() -> Iterator[Rule]:
    prefix = "extraArgs.staticPrefix"
    yield Rule(
        (prefix,),
        All(
            Given(prefix),
            Some(Not(Matches(prefix, r"^(/[A-Za-z0-9._~-]+)+\z")), Matches(prefix, r"/\.{1,2}(/|\z)")),
        ),
        "must begin with `/`, not end with it, and hold only letters, digits, `.`, `_`, `~`, `-` and `/`, such as "
        "`/mlflow`.",
    )
    yield Rule(
        (prefix,),
        Matches(prefix, r"^/(static|health|favicon\.ico)"),
        "begins like a path that MLflow answers without a password, which would open every page. Write another one, "
        "such as `/mlflow`.",
    )
    for option, pattern, reason in (
        ("workers", "^[1-9][0-9]{0,3}", "must be a whole number from 1 to 9999."),
        ("secretsCacheTtl", "^([1-9][0-9]|[12][0-9][0-9]|300)", "must be a whole number of seconds from 10 to 300."),
        ("secretsCacheMaxSize", "^([1-9][0-9]{0,3}|10000)", "must be a whole number from 1 to 10000."),
        ("xFrameOptions", "^(?i:SAMEORIGIN|DENY|NONE)", "must be SAMEORIGIN, DENY or NONE."),
        ("traceArchivalConfig", r"^/[^\n]*", "is not an absolute path. Write one that begins with `/`."),
    ):
        key = f"extraArgs.{option}"
        yield Rule((key,), Not(Matches(key, rf"^\z|{pattern}\z")), reason)
    yield from _uvicorn()


def _uvicorn() -> Iterator[Rule]:
    options = "extraArgs.uvicornOpts"
    yield Rule(
        (options,),
        Matches(options, uvicorn_options.naming(uvicorn_options.TRUST)),
        "whose X-Forwarded-For and X-Forwarded-Proto are believed is decided by another key. Remove "
        "--forwarded-allow-ips and --proxy-headers, and write trustedProxies.",
    )
    yield Rule(
        (options,),
        Matches(options, uvicorn_options.naming(uvicorn_options.PARSER)),
        "what parses requests is decided by Flowship, whose limits of headers and time are in it. Remove --http and "
        "--h11-max-incomplete-event-size.",
    )
    yield Rule(
        ("extraArgs.uvicornOpts",),
        Not(Matches("extraArgs.uvicornOpts", uvicorn_options.GRAMMAR)),
        "holds something else than options of uvicorn that Flowship hands over, with their values: "
        f"{', '.join(f'--{name}' for name in uvicorn_options.OPTIONS)}. Remove it; stopping, renewing workers and the "
        "log are keys of server.",
    )


def _flags() -> Iterator[Rule]:
    yield Rule(
        ("extraFlags",),
        All(Lists("extraFlags", "enableWorkspaces"), Lists("extraFlags", "disableWorkspaces")),
        "enableWorkspaces and disableWorkspaces contradict each other. Keep one of them.",
    )
    yield Rule(
        ("extraFlags", "allowedHosts", "corsAllowedOrigins"),
        All(Lists("extraFlags", "disableSecurityMiddleware"), Some(Given("allowedHosts"), Given("corsAllowedOrigins"))),
        "disableSecurityMiddleware would make the lists of hosts and origins do nothing. Remove it, or the lists.",
    )


def _addresses() -> Iterator[Rule]:
    yield Rule(
        ("allowedHosts",),
        Not(LinesMatch("allowedHosts", r"^([^ \t\r\n/,@]+\n)*\z")),
        "holds an item that is not a host name. Write names such as `mlflow.example.com` or `*.example.com`, without "
        "scheme or path.",
    )
    yield Rule(
        ("corsAllowedOrigins",),
        Not(LinesMatch("corsAllowedOrigins", r"^((\*|[a-z*][a-z0-9+.*-]*://[^ \t\r\n/,]+)\n)*\z")),
        "holds an item that is not an origin. Write scheme, host and port only, such as `https://mlflow.example.com`, "
        "without a path or a last slash.",
    )
