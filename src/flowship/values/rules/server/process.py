"""What may not be combined in `extraArgs`, `extraFlags`, `extraEnvVars`, `allowedHosts` and `corsAllowedOrigins`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.model.keys import lookup
from flowship.values.model.root import Values
from flowship.values.model.variables import BUNDLED_HOSTS, VARIABLES
from flowship.values.rules.language.conditions import any_given, given, gives, gives_twice, lists, matches
from flowship.values.rules.language.rule import DOUBLE_VARIABLES, Rule
from flowship.values.rules.storage.stores import STORES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowship.values.model.variables import Variable

_IN_THE_PROCESS_LIST = "would show its password in the process list."
_INSTEAD_OF_GUNICORN = (
    "requests are served by uvicorn. Write extraArgs.workers for --workers, server.shutdownTimeoutSeconds for "
    "--graceful-timeout, server.maxRequestsPerWorker for --max-requests, server.logFormat for its log, and "
    "extraArgs.uvicornOpts for --keep-alive; remove --timeout, because no request is cut off for its time."
)
_SERVER_DATABASE = "Write backendStore, postgresql or mysql."
_IN_MEMORY = "is a SQLite database in memory, where nothing is kept. Remove it; Flowship keeps runs in a SQLite file."
_IN_A_FILE = (
    "is a SQLite file, and Flowship's is `mlflow.db` in its data directory, on the claim of persistence. Copy it there "
    "before the first start, and remove the key."
)
_IN_FILES = (
    "is a directory of files, which MLflow keeps no models in and Flowship does not serve. Move the runs into a "
    "database, and remove the key."
)

REFUSED_OPTIONS = {
    "allowedHosts": "would replace MLflow's own list. Write allowedHosts at the top level, which adds to it.",
    "appName": "is decided by another key. Write auth.appName.",
    "artifactsDestination": "is decided by other keys. Write artifactRoot.",
    "backendStoreUri": f"{_IN_THE_PROCESS_LIST} {_SERVER_DATABASE}",
    "corsAllowedOrigins": "is decided by another key. Write corsAllowedOrigins at the top level.",
    "defaultArtifactRoot": "is decided by other keys. Write artifactRoot.",
    "exposePrometheus": "is not needed, because metrics have a port of their own. Write serviceMonitor.enabled.",
    "gunicornOpts": f"would do nothing, because {_INSTEAD_OF_GUNICORN}",
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

_TRACKING = "extraArgs.backendStoreUri"
_NO_SERVER = r"^(sqlite(\+[a-z]+)?:|file:|[^:]*\z)"
"""A URI without a scheme is a directory, as `file:` is."""

REFUSED_FLAGS = {
    "artifactsOnly": "is not supported, because Flowship runs the whole tracking server. Remove it.",
    "artifactsPresignedOnly": "is decided by another key. Write artifactRoot.directTransfer: only.",
    "dev": "is not for serving, because it restarts the server when files change. Remove it.",
}
"""Flags of `mlflow server` that other keys decide."""

REFUSED_VARIABLES = {
    "FORWARDED_ALLOW_IPS": "Write trustedProxies.",
    "GUNICORN_CMD_ARGS": f"It would do nothing here, because {_INSTEAD_OF_GUNICORN}",
    "MLFLOW_ARTIFACTS_DESTINATION": "Write artifactRoot.",
    "MLFLOW_ARTIFACTS_ONLY": "Remove it, because Flowship runs the whole tracking server.",
    "MLFLOW_ARTIFACTS_PRESIGNED_ONLY": "Write artifactRoot.directTransfer: only.",
    "MLFLOW_AUTH_CONFIG_PATH": "Flowship writes that file. Write what your own holds into auth: adminUsername and "
    "adminPassword or existingAdminSecret, defaultPermission, authorizationFunction, and postgres or sqliteFullPath "
    "for its database_uri.",
    "MLFLOW_BACKEND_STORE_URI": f"{_SERVER_DATABASE} A SQLite file becomes `mlflow.db` in the data directory.",
    "MLFLOW_BASIC_AUTH_FAIL_CLOSED": "Remove it, because what MLflow has no rule for is open to nobody.",
    "MLFLOW_CRYPTO_KEK_VERSION": "Remove it; a new encryption.gatewayPassphrase takes over by itself.",
    "MLFLOW_DEFAULT_ARTIFACT_ROOT": "Write artifactRoot.",
    "MLFLOW_ENABLE_REMOTE_ASSISTANT": "Write assistant.enabled.",
    "MLFLOW_EXPOSE_PROMETHEUS": "Write serviceMonitor.enabled.",
    "MLFLOW_GUNICORN_OPTS": f"It would do nothing here, because {_INSTEAD_OF_GUNICORN}",
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
    "WEB_CONCURRENCY": "Write extraArgs.workers.",
    "_MLFLOW_ASSISTANT_DELEGATION_SIGNING_KEY": "Remove it, because whoever has it could act for any user.",
}
"""Variables by which `mlflow server` reads what other keys decide, each with what to write instead."""

TELEMETRY_VARIABLES = ("MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK")


def process() -> Iterator[Rule]:
    """The server is told one thing, in one place."""
    for option, reason in REFUSED_OPTIONS.items():
        key = f"extraArgs.{option}"
        yield Rule((key,), given(key) & ~matches(key, _NO_SERVER) if key == _TRACKING else given(key), reason)
    yield from _tracking()
    yield from _artifact_flags()
    for flag, reason in REFUSED_FLAGS.items():
        yield Rule(("extraFlags",), lists("extraFlags", flag), f"{flag} {reason}")
    for variable, instead in REFUSED_VARIABLES.items():
        name = f"extraEnvVars.{variable}"
        yield Rule((name,), gives(variable), f"is decided by other keys. {instead}")
    for variable in TELEMETRY_VARIABLES:
        name = f"extraEnvVars.{variable}"
        yield Rule((name,), gives(variable), "is decided by another key. Write telemetry.enabled.")
    defaults = Values().model_dump(by_alias=True)
    for stands in VARIABLES:
        yield _twice(stands, decides=bool(lookup(defaults, stands.key)))
    yield Rule(
        ("extraEnvVars",),
        gives_twice(),
        f"{DOUBLE_VARIABLES} are one variable, because each name is given in upper case too. Keep one of them; one "
        "with small letters gives both.",
    )
    yield from _flags()


def _tracking() -> Iterator[Rule]:
    """A database that is no server has no password to show."""
    memory = r"^sqlite(\+[a-z]+)?:(//)?(/?:memory:.*)?\z"
    file = matches(_TRACKING, r"^sqlite(\+[a-z]+)?:")
    yield Rule((_TRACKING,), matches(_TRACKING, memory), _IN_MEMORY)
    yield Rule((_TRACKING,), file & ~matches(_TRACKING, memory), _IN_A_FILE)
    yield Rule((_TRACKING,), given(_TRACKING) & matches(_TRACKING, _NO_SERVER) & ~file, _IN_FILES)


def _artifact_flags() -> Iterator[Rule]:
    """Whether the server has artifacts is decided by where they are; a flag that says the same may stay."""
    proxied = "artifactRoot.proxiedArtifactStorage"
    off, stored = lists("extraFlags", "noServeArtifacts"), any_given(*STORES)
    yield Rule(
        ("extraFlags", proxied),
        off & given(proxied),
        "noServeArtifacts contradicts the second, by which clients reach artifacts through the server. Remove it, or "
        "set the second to false.",
    )
    yield Rule(
        ("extraFlags",),
        off & ~given(proxied) & ~stored,
        "noServeArtifacts would leave clients without artifacts, because these are kept in the data directory, which "
        "only the server reaches. Remove it, or enable an object store in artifactRoot.",
    )
    yield Rule(
        ("extraFlags", proxied),
        lists("extraFlags", "serveArtifacts") & stored & ~given(proxied),
        "serveArtifacts is not needed, because clients write to the object store themselves, as they did with chart "
        "0.16.5. Remove it to keep that, or set the second to true, which sends them through the server.",
    )


def _twice(stands: Variable, *, decides: bool) -> Rule:
    """A variable beside the key it stands for. A default `decides`, since it cannot be taken back, and a bundled server
    is made with what the key says: then the key must be used."""
    name = f"extraEnvVars.{stands.name}"
    read = given(f"{stands.section}.enabled") & gives(stands.name) if stands.section else gives(stands.name)
    if decides or stands.section in BUNDLED_HOSTS:
        return Rule((name,), read, f"is decided by another key. Write {stands.key}.")
    return Rule(
        (name, stands.key),
        read & given(stands.key),
        "only one of these may be given, because they say the same thing. Keep one of them.",
        about_files=True,
    )


def _flags() -> Iterator[Rule]:
    yield Rule(
        ("extraFlags",),
        lists("extraFlags", "enableWorkspaces") & lists("extraFlags", "disableWorkspaces"),
        "enableWorkspaces and disableWorkspaces contradict each other. Keep one of them.",
    )
    yield Rule(
        ("extraFlags", "allowedHosts", "corsAllowedOrigins"),
        lists("extraFlags", "disableSecurityMiddleware") & any_given("allowedHosts", "corsAllowedOrigins"),
        "disableSecurityMiddleware would make the lists of hosts and origins do nothing. Remove it, or the lists.",
    )
