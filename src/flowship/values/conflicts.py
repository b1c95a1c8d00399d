"""What may not be combined: each rule is data, so that `flowship check` and the chart refuse in the same words.

The sentences name keys, never what is in them: a value may be a password.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.values.access import BASIC_AUTHORIZATION
from flowship.values.conditions import (
    All,
    Condition,
    Exceeds,
    Given,
    Lists,
    Matches,
    MoreThan,
    Not,
    SameInUpperCase,
    Some,
    several,
)
from flowship.values.variables import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASES = ("backendStore.postgres.enabled", "backendStore.mysql.enabled", "postgresql.enabled", "mysql.enabled")
STORES = ("artifactRoot.s3.enabled", "artifactRoot.gcs.enabled", "artifactRoot.azureBlob.enabled")
SECRET = "backendStore.existingDatabaseSecret.name"  # noqa: S105 - a key, not a secret


@dataclass(frozen=True)
class Rule:
    """A combination that is refused; the first key is the one whose place in the file is shown."""

    keys: tuple[str, ...]
    when: Condition
    reason: str
    about_files: bool = False
    """Whether it is about what was written, whatever the environment adds or takes the place of."""

    @property
    def sentence(self) -> str:
        """What is wrong and what to write instead, beginning with the keys."""
        return f"{', '.join(self.keys)}: {self.reason}"


def _required(section: str, key: str, meaning: str, unless: Condition | None = None) -> Rule:
    given = Given(f"{section}.{key}")
    empty = All(Given(f"{section}.enabled"), Not(Some(given, unless) if unless else given))
    return Rule((f"{section}.{key}",), empty, f"is empty, but {section}.enabled is true. Write {meaning}.")


def _database(section: str, unless: Condition | None = None) -> Iterator[Rule]:
    host = f"{section}.host"
    yield _required(section, "host", "the server's host name")
    yield _required(section, "database", "the name of a database that exists")
    secret = f", or name a Secret in {SECRET}" if unless else ""
    yield _required(section, "user", f"the database user{secret}", unless)
    yield _required(section, "password", f"the user's password{secret}", unless)
    yield Rule(
        (host,), Matches(host, r"[\s/@,]"), "holds more than a host name. Write the name or address of one server only."
    )
    yield Rule(
        (host,),
        Matches(host, r"^[^:]*:[0-9]+\z"),
        f"ends with a port. Write the host name only, and the port in {section}.port.",
    )


def _databases() -> Iterator[Rule]:
    yield Rule(
        DATABASES,
        several(DATABASES),
        "only one of these may be true, because MLflow keeps its runs in one database. Keep the one you want, and set "
        "the others to false.",
    )
    external = Some(Given(DATABASES[0]), Given(DATABASES[1]))
    for section in ("backendStore.postgres", "backendStore.mysql"):
        yield from _database(section, unless=Given(SECRET))
        for key in ("user", "password"):
            yield Rule(
                (f"{section}.{key}", SECRET),
                All(Given(f"{section}.enabled"), Given(f"{section}.{key}"), Given(SECRET)),
                "only one of these may be given, because the Secret holds the user and the password. Empty the other.",
                about_files=True,
            )
    yield Rule(
        (SECRET,),
        All(Given(SECRET), Not(external)),
        "would not be used, because neither backendStore.postgres.enabled nor backendStore.mysql.enabled is true. "
        "Enable one, or remove the Secret's name.",
    )
    for section in ("postgresql", "mysql"):
        yield Rule(
            (f"{section}.auth.password",),
            Matches(f"{section}.auth.password", r"\n"),
            "holds a line break, which the database's image cannot take. Choose a password without one.",
        )


def _object_stores() -> Iterator[Rule]:
    yield Rule(
        STORES,
        several(STORES),
        "only one of these may be true, because artifacts have one root. Keep the one you want, and set the others to "
        "false.",
    )
    yield _required("artifactRoot.s3", "bucket", "the bucket's name")
    yield _required("artifactRoot.gcs", "bucket", "the bucket's name")
    yield _required("artifactRoot.azureBlob", "container", "the container's name")
    yield _required("artifactRoot.azureBlob", "storageAccount", "the storage account's name")
    for key in ("s3.bucket", "gcs.bucket", "azureBlob.container", "azureBlob.storageAccount"):
        name = f"artifactRoot.{key}"
        yield Rule(
            (name,), Matches(name, r"[\s/:?#@]"), "holds more than a name. Write the name without scheme or path."
        )
    for store in ("s3", "gcs", "azureBlob"):
        path = f"artifactRoot.{store}.path"
        yield Rule(
            (path,), Matches(path, r"[?#]|(^|/)\.\.(/|$)"), "may not hold `?`, `#` or `..`. Write a plain prefix."
        )
    pair = ("artifactRoot.s3.awsAccessKeyId", "artifactRoot.s3.awsSecretAccessKey")
    yield Rule(
        pair,
        All(Some(*map(Given, pair)), Not(All(*map(Given, pair)))),
        "only one half of the key pair is given. Write both, or neither to use a role.",
    )
    secrets = ("artifactRoot.azureBlob.connectionString", "artifactRoot.azureBlob.accessKey")
    yield Rule(secrets, several(secrets), "only one of these is used. Keep one, and empty the other.")


def _authentication() -> Iterator[Rule]:
    methods = ("auth.enabled", "ldapAuth.enabled")
    yield Rule(methods, several(methods), "only one of these may be true. Set the other to false.")
    yield _required("auth", "adminUsername", "the admin's name")
    yield _required("auth", "adminPassword", "the admin's password, at least 12 characters")
    yield _required("auth", "appName", "`basic-auth`, or the name of your own MLflow app")
    yield _required("auth", "authorizationFunction", f"`{BASIC_AUTHORIZATION}`, or your own function")
    yield _required("auth", "sqliteFile", "a file name such as `basic_auth.db`")
    yield _required("auth", "configFile", "a file name such as `basic_auth.ini`")
    on = Given("auth.enabled")
    for key in ("auth.sqliteFile", "auth.configFile"):
        yield Rule((key,), Matches(key, "/"), "is a path. Write a file name only; the directory has a key of its own.")
    yield Rule(
        ("auth.adminPassword",),
        All(on, Given("auth.adminPassword"), Not(Matches("auth.adminPassword", r"(?s)^.{12}"))),
        "is shorter than 12 characters, which MLflow refuses. Write a longer one.",
    )
    yield Rule(
        ("auth.adminPassword",),
        All(on, Matches("auth.adminPassword", r"^password1234\z")),
        "is the one that old MLflow versions shipped, which MLflow refuses. Write another one.",
    )
    yield Rule(
        ("auth.adminPassword",),
        All(on, Matches("auth.adminPassword", r"(?s)^.{1001}")),
        "is longer than 1000 characters, more than clients can send. Write a shorter one.",
    )
    yield Rule(
        ("auth.adminUsername",),
        All(on, Matches("auth.adminUsername", r"(?s):|[\x00-\x1f]|^.{256}")),
        "may not hold `:` or control characters, nor be longer than 255 characters (RFC 7617). Write another name.",
    )
    yield Rule(
        ("auth.postgres.enabled",),
        All(Given("auth.postgres.enabled"), Not(Some(on, Given("ldapAuth.enabled")))),
        "would not be used, because neither auth.enabled nor ldapAuth.enabled is true. Enable one, or set it to false.",
    )
    yield from _database("auth.postgres")


def _replicas() -> Iterator[Rule]:
    many = Some(MoreThan("replicaCount", 1), Given("autoscaling.enabled"))
    keys = ("replicaCount", "autoscaling.enabled")
    yield Rule(
        keys,
        All(many, Not(Some(*map(Given, DATABASES)))),
        "several pods need a database that they share. Enable one of backendStore.postgres, backendStore.mysql, "
        "postgresql or mysql, or keep one replica.",
    )
    yield Rule(
        keys,
        All(many, Not(Some(*map(Given, STORES)))),
        "several pods need artifacts that they share. Enable one of artifactRoot.s3, artifactRoot.gcs or "
        "artifactRoot.azureBlob, or keep one replica.",
    )
    yield Rule(
        keys,
        All(many, Given("auth.enabled"), Not(Given("auth.postgres.enabled"))),
        "several pods need users and permissions that they share. Enable auth.postgres, or keep one replica.",
    )
    yield Rule(
        ("autoscaling.minReplicas", "autoscaling.maxReplicas"),
        Exceeds("autoscaling.minReplicas", "autoscaling.maxReplicas"),
        "the fewest replicas are more than the most. Swap the two.",
    )


REFUSED_OPTIONS = {
    "allowedHosts": "replaces MLflow's own list; write allowedHosts at the top level, which adds to it",
    "appName": "write auth.appName",
    "artifactsDestination": "write artifactRoot, which decides where artifacts go",
    "backendStoreUri": "its password would be seen in the process list; write backendStore, postgresql or mysql",
    "corsAllowedOrigins": "write corsAllowedOrigins at the top level",
    "defaultArtifactRoot": "write artifactRoot, which decides where artifacts go",
    "exposePrometheus": "metrics have a port of their own; write serviceMonitor.enabled",
    "gunicornOpts": "the server is uvicorn; write extraArgs.workers or extraArgs.uvicornOpts",
    "host": "the container listens on all its addresses; on a laptop, run flowship up --host",
    "port": "write service.port; on a laptop, run flowship up --port",
    "readReplicaBackendStoreUri": "its password would be seen in the process list; write "
    "extraEnvVars.MLFLOW_READ_REPLICA_BACKEND_STORE_URI",
    "registryStoreUri": "models are kept in the tracking database, where they are waited for, migrated and backed up "
    "with the runs; remove it",
    "waitressOpts": "the server is uvicorn; write extraArgs.uvicornOpts",
    "workspaceStoreUri": "its password would be seen in the process list; write "
    "extraEnvVars.MLFLOW_WORKSPACE_STORE_URI",
}
"""Options of `mlflow server` that other keys decide, each with the key to write instead (ruling 6)."""

REFUSED_FLAGS = {
    "artifactsOnly": "Flowship runs the whole tracking server; remove it",
    "dev": "restarts the server when files change, which is not for serving; remove it",
    "noServeArtifacts": "write artifactRoot.proxiedArtifactStorage: false",
    "serveArtifacts": "write artifactRoot.proxiedArtifactStorage: true",
}
"""Flags of `mlflow server` that other keys decide."""

REFUSED_VARIABLES = {
    "MLFLOW_ARTIFACTS_DESTINATION": "artifactRoot",
    "MLFLOW_ARTIFACTS_ONLY": "nothing, because Flowship runs the whole tracking server",
    "MLFLOW_AUTH_CONFIG_PATH": "auth.configPath and auth.configFile",
    "MLFLOW_BACKEND_STORE_URI": "backendStore, postgresql or mysql",
    "MLFLOW_DEFAULT_ARTIFACT_ROOT": "artifactRoot",
    "MLFLOW_EXPOSE_PROMETHEUS": "serviceMonitor.enabled",
    "MLFLOW_GUNICORN_OPTS": "extraArgs.workers or extraArgs.uvicornOpts",
    "MLFLOW_HOST": "nothing in the cluster, flowship up --host on a laptop",
    "MLFLOW_PORT": "service.port, or flowship up --port on a laptop",
    "MLFLOW_REGISTRY_STORE_URI": "backendStore, where models are kept with the runs",
    "MLFLOW_SERVE_ARTIFACTS": "artifactRoot.proxiedArtifactStorage",
    "MLFLOW_STATIC_PREFIX": "extraArgs.staticPrefix",
    "MLFLOW_UVICORN_OPTS": "extraArgs.uvicornOpts",
    "MLFLOW_WORKERS": "extraArgs.workers",
}
"""Variables by which `mlflow server` reads what other keys decide, each with what to write instead."""


def _server() -> Iterator[Rule]:
    for option, instead in REFUSED_OPTIONS.items():
        yield Rule((f"extraArgs.{option}",), Given(f"extraArgs.{option}"), f"is not taken: {instead}.")
    for flag, instead in REFUSED_FLAGS.items():
        yield Rule(("extraFlags",), Lists("extraFlags", flag), f"{flag} is not taken: {instead}.")
    for variable, instead in REFUSED_VARIABLES.items():
        for name in (variable, variable.lower()):
            yield Rule(
                (f"extraEnvVars.{name}",), Given(f"extraEnvVars.{name}"), f"is decided by other keys. Write {instead}."
            )
    prefix = "extraArgs.staticPrefix"
    yield Rule(
        (prefix,),
        All(Given(prefix), Not(Matches(prefix, r"^(/[A-Za-z0-9._~-]+)+\z"))),
        "must begin with `/`, not end with it, and hold letters, digits, `.`, `_`, `~`, `-` and `/` only, such as "
        "`/mlflow`.",
    )
    yield Rule(
        (prefix,),
        Matches(prefix, r"^/(static|health|favicon\.ico)"),
        "begins like a path that MLflow answers without a password, which would open every page. Write another one, "
        "such as `/mlflow`.",
    )
    workers = "extraArgs.workers"
    yield Rule((workers,), Matches(workers, r"[^0-9]|^0+\z"), "must be a whole number above 0.")
    file = "extraArgs.traceArchivalConfig"
    relative = All(Given(file), Not(Matches(file, "^/")))
    yield Rule((file,), relative, "is not an absolute path. Write one that begins with `/`.")
    options = "extraArgs.uvicornOpts"
    yield Rule(
        (options,),
        Matches(
            options, r"(^|\s)--(host|port|workers|uds|fd|ssl-[a-z-]+|app-dir|factory|reload[a-z-]*|root-path)(=|\s|\z)"
        ),
        "may not set the address, workers, TLS or the app, which Flowship decides. Remove those options.",
    )
    opposite = (Lists("extraFlags", "enableWorkspaces"), Lists("extraFlags", "disableWorkspaces"))
    yield Rule(
        ("extraFlags",), All(*opposite), "enableWorkspaces and disableWorkspaces contradict each other. Keep one."
    )
    yield Rule(
        ("extraFlags", "allowedHosts", "corsAllowedOrigins"),
        All(Lists("extraFlags", "disableSecurityMiddleware"), Some(Given("allowedHosts"), Given("corsAllowedOrigins"))),
        "disableSecurityMiddleware would make the lists of hosts and origins do nothing. Remove it, or the lists.",
    )
    for stands in VARIABLES:
        for name in (stands.name, stands.name.lower()):
            both = (Given(f"extraEnvVars.{name}"), Given(stands.key))
            yield Rule(
                (f"extraEnvVars.{name}", stands.key),
                All(*both, *([Given(f"{stands.section}.enabled")] if stands.section else [])),
                "say the same thing twice. Keep one of them.",
            )
    yield Rule(
        ("extraEnvVars",),
        SameInUpperCase("extraEnvVars"),
        "two names are equal in upper case, in which each is given. Keep one of them.",
    )


RULES: tuple[Rule, ...] = (*_databases(), *_object_stores(), *_authentication(), *_replicas(), *_server())
"""Every rule across keys, in the order in which findings are shown."""
