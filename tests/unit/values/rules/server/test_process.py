"""What the tables of refused options, flags and variables hold; `server_cases` shows each row to Python and to Helm."""

from __future__ import annotations

from flowship.values.rules.server.process import (
    REFUSED_FLAGS,
    REFUSED_OPTIONS,
    REFUSED_VARIABLES,
    TELEMETRY_VARIABLES,
)

OPTIONS = """
allowedHosts appName artifactsDestination backendStoreUri corsAllowedOrigins defaultArtifactRoot exposePrometheus
gunicornOpts host port readReplicaBackendStoreUri registryStoreUri waitressOpts workspaceStoreUri
"""
VARIABLES = """
FORWARDED_ALLOW_IPS MLFLOW_ARTIFACTS_DESTINATION MLFLOW_ARTIFACTS_PRESIGNED_ONLY MLFLOW_ARTIFACTS_ONLY GUNICORN_CMD_ARGS
MLFLOW_AUTH_CONFIG_PATH MLFLOW_BACKEND_STORE_URI MLFLOW_BASIC_AUTH_FAIL_CLOSED MLFLOW_CRYPTO_KEK_VERSION
MLFLOW_DEFAULT_ARTIFACT_ROOT MLFLOW_ENABLE_REMOTE_ASSISTANT MLFLOW_EXPOSE_PROMETHEUS MLFLOW_GUNICORN_OPTS MLFLOW_HOST
MLFLOW_PORT MLFLOW_REGISTRY_STORE_URI MLFLOW_SERVE_ARTIFACTS MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE
MLFLOW_SERVER_X_FRAME_OPTIONS MLFLOW_STATIC_PREFIX MLFLOW_TRACE_ARCHIVAL_CONFIG MLFLOW_UVICORN_OPTS MLFLOW_WORKERS
MLFLOW_WORKSPACE WEB_CONCURRENCY _MLFLOW_ASSISTANT_DELEGATION_SIGNING_KEY
"""


def test_these_are_refused() -> None:
    assert set(REFUSED_OPTIONS) == set(OPTIONS.split())
    assert set(REFUSED_FLAGS) == {"artifactsOnly", "artifactsPresignedOnly", "dev"}
    assert set(REFUSED_VARIABLES) == set(VARIABLES.split())
    assert set(TELEMETRY_VARIABLES) == {"MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK"}


def test_each_shape_of_a_sentence_says_what_to_write() -> None:
    assert REFUSED_OPTIONS["allowedHosts"] == (
        "would replace MLflow's own list. Write allowedHosts at the top level, which adds to it."
    )
    assert REFUSED_OPTIONS["appName"] == "is decided by another key. Write auth.appName."
    assert REFUSED_OPTIONS["workspaceStoreUri"] == (
        "would show its password in the process list. Write extraEnvVars.MLFLOW_WORKSPACE_STORE_URI."
    )
    assert REFUSED_OPTIONS["host"] == (
        "is decided by Flowship, because the container listens on all its addresses. Remove it; on a laptop, run "
        "flowship up --host."
    )
    assert REFUSED_OPTIONS["gunicornOpts"] == (
        "would do nothing, because requests are served by uvicorn. Write extraArgs.workers for --workers, "
        "server.shutdownTimeoutSeconds for --graceful-timeout, server.maxRequestsPerWorker for --max-requests, "
        "server.logFormat for its log, and extraArgs.uvicornOpts for --keep-alive; remove --timeout, because no "
        "request is cut off for its time."
    )
    assert REFUSED_FLAGS["dev"] == ("is not for serving, because it restarts the server when files change. Remove it.")
    assert REFUSED_VARIABLES["MLFLOW_WORKERS"] == "Write extraArgs.workers."
    assert REFUSED_VARIABLES["MLFLOW_WORKSPACE"] == "Remove it, because it is for clients."
    assert REFUSED_VARIABLES["MLFLOW_PORT"] == "Write service.port; on a laptop, run flowship up --port."
    assert REFUSED_VARIABLES["MLFLOW_BACKEND_STORE_URI"] == (
        "Write backendStore, postgresql or mysql. A SQLite file becomes `mlflow.db` in the data directory."
    )
    assert REFUSED_VARIABLES["MLFLOW_AUTH_CONFIG_PATH"] == (
        "Flowship writes that file. Write what your own holds into auth: adminUsername and adminPassword or "
        "existingAdminSecret, defaultPermission, authorizationFunction, and postgres or sqliteFullPath for its "
        "database_uri."
    )
