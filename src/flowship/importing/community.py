"""Chart `mlflow` 0.16.5, which Flowship's keeps the keys of, and its successor 1.11.5, which added many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.importing import artifacts, options, variables
from flowship.importing.single_sign_on import SINGLE_SIGN_ON
from flowship.importing.table import Chart, Converted, Kept, LeftOut, NotNeeded
from flowship.values.model.keys import leaves

if TYPE_CHECKING:
    from flowship.importing.draft import Draft
    from flowship.importing.table import Table, Translation

OLD_IMAGE = "holds no Flowship. Write the name of an image that does, which docs/how-to/image.md says how to build."
OLD_TAG = "is a version of an image without Flowship. Leave it empty for the chart's own, or write a tag of Flowship's."
BITNAMI = (
    "is a key of Bitnami's chart, which Flowship's database of its own does not have. Do without it, or run the "
    "database yourself and name it in backendStore."
)
MOVED = (
    "installed Bitnami's database. Where the release with its data is upgraded, set {section}.fromBitnami to true, "
    "which moves it; a new release begins with an empty one."
)
GLOBAL = "is read by nothing in Flowship's chart. Write the keys that it stood for."
OLD_TIMING = {"initialDelaySeconds": 10, "periodSeconds": 30, "timeoutSeconds": 3, "failureThreshold": 5}

_NO_MSSQL = (
    "names a SQL Server, which Flowship does not support. Move the data to PostgreSQL or MySQL, and write "
    "backendStore.postgres or backendStore.mysql."
)
_NO_MINIO = (
    "belongs to MinIO, which Flowship does not install. Install it by its own chart, and write artifactRoot.s3 and "
    "extraEnvVars.MLFLOW_S3_ENDPOINT_URL."
)
_NO_INIT_IMAGES = "is an image for waiting or migrating, which run in the server's own image here. Do without it."


def _same(section: str, *names: str) -> dict[str, Translation]:
    return {f"{section}.{name}" if section else name: Kept() for name in names}


def _enabled(draft: Draft, key: str, value: Any) -> None:
    """Translate `enabled` of a bundled database, which held data of Bitnami's."""
    draft.put(key, key.split("."), value)
    if value:
        draft.say(key, MOVED.format(section=key.partition(".")[0]))


def _bundled(section: str) -> dict[str, Translation]:
    """Tell what of a bundled database Flowship's own has too; not its image, which keeps files in other places."""
    others = (f"{section}.image.", f"{section}.fromBitnami")
    own = (key for key, field in leaves() if key.startswith(f"{section}.") and not field.exclude)
    known = {key: Kept() for key in own if not key.startswith(others)}
    return {
        **known,
        f"{section}.enabled": Converted(_enabled),
        f"{section}.architecture": LeftOut(
            "asks for a replica, which Flowship's own database does not have. Run the database yourself and name it in "
            "backendStore.",
            default="standalone",
            within=f"{section}.enabled",
        ),
        f"{section}.*": LeftOut(BITNAMI, within=f"{section}.enabled"),
    }


def _login(section: str, secret: str) -> dict[str, Translation]:
    return {f"{section}.{name}": Kept(unread_beside=secret) for name in ("user", "password")}


_DATABASE = ("enabled", "host", "port", "database", "driver")
_SECRET = "backendStore.existingDatabaseSecret"  # noqa: S105 - a key, not a secret

SEED: Table = {
    **_same(
        "",
        "affinity",
        "extraContainers",
        "extraSecretNamesForEnvFrom",
        "extraVolumeMounts",
        "extraVolumes",
        "flaskServerSecretKey",
        "fullnameOverride",
        "imagePullSecrets",
        "initContainers",
        "nameOverride",
        "nodeSelector",
        "podAnnotations",
        "podSecurityContext",
        "replicaCount",
        "resources",
        "securityContext",
        "tolerations",
    ),
    **_same("artifactRoot", "proxiedArtifactStorage"),
    **_same(
        "artifactRoot.azureBlob", "enabled", "storageAccount", "container", "path", "connectionString", "accessKey"
    ),
    **_same("artifactRoot.gcs", "enabled", "bucket", "path"),
    **_same("artifactRoot.s3", "enabled", "bucket", "path", "awsAccessKeyId", "awsSecretAccessKey"),
    **_same("auth", "enabled", "adminUsername", "adminPassword", "defaultPermission", "appName"),
    **_same("auth", "authorizationFunction", "configPath", "configFile", "sqliteFile", "sqliteFullPath"),
    **_same("auth.postgres", *_DATABASE, "user", "password"),
    **_same("autoscaling", "enabled", "minReplicas", "maxReplicas", "metrics", "behavior"),
    "backendStore.databaseMigration": Kept(superseded=False),
    **_same("backendStore", "databaseConnectionCheck"),
    **_same(_SECRET, "name", "usernameKey", "passwordKey"),
    **_same("backendStore.postgres", *_DATABASE),
    **_login("backendStore.postgres", f"{_SECRET}.name"),
    **_same("backendStore.mysql", *_DATABASE),
    **_login("backendStore.mysql", f"{_SECRET}.name"),
    "extraArgs": Converted(options.arguments),
    "extraEnvVars": Converted(variables.from_map),
    "extraFlags": Converted(options.flags),
    "global": LeftOut(GLOBAL),
    "image.repository": LeftOut(OLD_IMAGE, default="burakince/mlflow"),
    "image.tag": LeftOut(OLD_TAG),
    **_same("image", "pullPolicy"),
    **_same("ingress", "enabled", "className", "annotations", "hosts", "tls"),
    **_same("ldapAuth", "enabled", "uri", "tlsVerification", "encodedTrustedCACertificate"),
    **_same("ldapAuth", "externalSecretForTrustedCACertificate", "lookupBind", "searchBaseDistinguishedName"),
    **_same("ldapAuth", "searchFilter", "groupAttribute", "adminGroupDistinguishedName"),
    **_same("ldapAuth", "userGroupDistinguishedName"),
    "livenessProbe": Kept(superseded=OLD_TIMING),
    "readinessProbe": Kept(superseded=OLD_TIMING),
    **_same("service", "type", "port", "name", "annotations"),
    **_same("serviceAccount", "create", "name", "annotations"),
    "serviceAccount.automount": Kept(superseded=True),
    **_same("serviceMonitor", "enabled", "useServicePort", "namespace", "interval", "telemetryPath", "labels"),
    **_same("serviceMonitor", "timeout", "metricRelabelings", "targetLabels"),
    "strategy.type": Kept(superseded="RollingUpdate"),
    **_same("strategy.rollingUpdate", "maxSurge", "maxUnavailable"),
    **_bundled("postgresql"),
    **_bundled("mysql"),
}
"""Chart 0.16.5."""


def _without_store(draft: Draft, key: str, value: Any) -> None:
    """Translate `artifactRoot.defaultArtifactRoot` and its like, which count where no object store is enabled."""
    proxied = bool(draft.given("artifactRoot.proxiedArtifactStorage"))
    stores = [draft.given(f"artifactRoot.{store}.enabled") for store in ("s3", "gcs", "azureBlob")]
    used = "artifactRoot.defaultArtifactsDestination" if proxied else "artifactRoot.defaultArtifactRoot"
    if any(stores) or key != used:
        draft.say(key, "has no effect beside the other keys of artifactRoot, in that chart too, so it was left out.")
    elif value not in ("./mlruns", "./mlartifacts"):
        (artifacts.destination if proxied else artifacts.default_root)(draft, key, value)


def _templates(draft: Draft, key: str, value: Any) -> None:
    """Translate `extraDeploy`, whose objects that chart runs through Helm's template language."""
    objects = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    if not isinstance(value, list) or len(objects) < len(value) or "{{" in str(value):
        draft.leave_out(
            key, "holds a template, but extraObjects are installed as they are. Write out what it stands for."
        )
    if objects:
        draft.put(key, ("extraObjects",), objects)


def _init_images() -> dict[str, Translation]:
    defaults = {"repository": "busybox", "tag": "1.38.0", "pullPolicy": "IfNotPresent"}
    images = {
        "dbchecker": defaults,
        "mlflowDbMigration": {**defaults, "repository": "burakince/mlflow", "tag": ""},
        "iniFileInitializer": defaults,
    }
    return {
        f"initImages.{image}.{name}": LeftOut(_NO_INIT_IMAGES, default=default)
        for image, names in images.items()
        for name, default in names.items()
    }


_ADMIN, _S3, _USERS = "auth.existingAdminSecret", "artifactRoot.s3.existingSecret", "auth.postgres.existingSecret"

SUCCESSOR: Table = {
    **SEED,
    "artifactRoot.defaultArtifactRoot": Converted(_without_store),
    "artifactRoot.defaultArtifactsDestination": Converted(_without_store),
    "artifactRoot.s3.awsAccessKeyId": Kept(unread_beside=f"{_S3}.name"),
    "artifactRoot.s3.awsSecretAccessKey": Kept(unread_beside=f"{_S3}.name"),
    **_same(_S3, "name"),
    f"{_S3}.keyOfAccessKeyId": Kept(f"{_S3}.accessKeyIdKey"),
    f"{_S3}.keyOfSecretAccessKey": Kept(f"{_S3}.secretAccessKeyKey"),
    "auth.adminUsername": Kept(unread_beside=f"{_ADMIN}.name"),
    "auth.adminPassword": Kept(unread_beside=f"{_ADMIN}.name"),
    **_same(_ADMIN, "name", "usernameKey", "passwordKey"),
    **_login("auth.postgres", f"{_USERS}.name"),
    **_same(_USERS, "name", "usernameKey", "passwordKey"),
    "backendStore.defaultSqlitePath": LeftOut(
        "is a SQLite file; Flowship's is `mlflow.db` in its data directory, on the claim of persistence. Copy it there "
        "before the first start.",
        default=":memory:",
    ),
    "backendStore.mssql.*": LeftOut(_NO_MSSQL, within="backendStore.mssql.enabled"),
    **_same("", "corsAllowedOrigins", "priorityClassName"),
    "deploymentAnnotations": LeftOut("annotates the Deployment, which no key does. Write podAnnotations for the pods."),
    "extraDeploy": Converted(_templates),
    "extraPodLabels": Kept("podLabels"),
    "image.digest": LeftOut(OLD_IMAGE),
    **_init_images(),
    "ldapAuth.groupAttributeKey": NotNeeded("is not needed, because the attribute is found by its name alone."),
    "log.enabled": NotNeeded("is not needed, because uvicorn's own log stands behind Flowship's.", default=True),
    "log.level": Converted(lambda draft, key, value: options.uvicorn(draft, key, draft.given("extraArgs.uvicornOpts"))),
    "minio.*": LeftOut(_NO_MINIO, within="minio.enabled"),
    **SINGLE_SIGN_ON,
    "revisionHistoryLimit": LeftOut("is left to Kubernetes, which keeps ten old ReplicaSets. Do without it."),
    "serverAllowedHosts": Kept("allowedHosts"),
    "serverHost": options.OPTIONS["host"],
    "service.containerPort": LeftOut(
        "is 5000 here, whatever service.port. Do without it, and mend what reaches pods by their port.", default=5000
    ),
    "service.containerPortName": LeftOut(
        "is the name of the Service's port here. Write service.name, and mend what reaches pods by that name.",
        default="mlflow",
    ),
    "service.enabled": NotNeeded("is read by no template of that chart, which always had a Service.", default=True),
    **_same("telemetry", "enabled"),
    **_same("", "postgresql.enabled", "mysql.enabled"),
    "postgresql.image.repository": LeftOut(BITNAMI, default="bitnamilegacy/postgresql", within="postgresql.enabled"),
    "mysql.image.repository": LeftOut(BITNAMI, default="bitnamilegacy/mysql", within="mysql.enabled"),
}
"""Chart 1.11.5."""

CHARTS = (
    Chart("0.16.5", "chart mlflow 0.16.5", SEED, variables.of_map),
    Chart("1.11.5", "chart mlflow 1.11.5", SUCCESSOR, variables.of_map, implied={"service.port": 80}),
)
