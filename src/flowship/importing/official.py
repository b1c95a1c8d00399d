"""MLflow's own chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.importing import artifacts, database, options, variables
from flowship.importing.community import GLOBAL, OLD_IMAGE, OLD_TAG
from flowship.importing.table import Chart, Converted, Kept, LeftOut, NotNeeded

if TYPE_CHECKING:
    from flowship.importing.draft import Draft
    from flowship.importing.table import Table

_GARBAGE = (
    "belongs to a CronJob that deletes for good what was deleted, which Flowship does not have. Write one that runs "
    "`mlflow gc` into extraObjects."
)
_RBAC = "gives rights in the cluster, which MLflow does not need. Write the Role and its binding into extraObjects."
_PROBES = "is about probes of another path and port. Write startupProbe, livenessProbe and readinessProbe if need be."
_POD = {
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "fsGroup": 1000,
    "seccompProfile": {"type": "RuntimeDefault"},
}
_CONTAINER = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def _from_elsewhere(draft: Draft, key: str, value: Any) -> None:
    if value:
        database.tracking(draft, key, value)


def _registry_from_elsewhere(draft: Draft, key: str, value: Any) -> None:
    if value and value != draft.given("mlflow.backendStoreUriFrom"):
        draft.leave_out(key, database.REGISTRY)


def _monitor(draft: Draft, key: str, value: Any) -> None:
    """Translate that chart's ServiceMonitor, in the release's namespace and with the chart's labels only."""
    draft.put(key, ("serviceMonitor", "enabled"), value)
    if value:
        draft.put(key, ("serviceMonitor", "namespace"), "")
        draft.put(key, ("serviceMonitor", "labels"), {"release": None})


def _tls(draft: Draft, key: str, value: Any) -> None:
    if value:
        draft.put(key, ("tls", "secretName"), draft.given("tls.secretName") or "mlflow-tls")


def _tls_secret(draft: Draft, key: str, value: Any) -> None:
    if not draft.given("tls.enabled") and value != "mlflow-tls":
        draft.say(key, "has no effect in that chart either while tls.enabled is false, so it was left out.")


OFFICIAL: Table = {
    **{
        key: Kept()
        for key in (
            "affinity",
            "extraContainers",
            "extraVolumeMounts",
            "extraVolumes",
            "fullnameOverride",
            "image.pullPolicy",
            "imagePullSecrets",
            "ingress.annotations",
            "ingress.className",
            "ingress.enabled",
            "ingress.hosts",
            "ingress.tls",
            "networkPolicy.enabled",
            "nodeSelector",
            "podAnnotations",
            "podLabels",
            "replicaCount",
            "resources",
            "service.annotations",
            "service.type",
            "serviceAccount.annotations",
            "serviceAccount.create",
            "serviceAccount.name",
            "tolerations",
        )
    },
    "cluster_rbac.extraRules": LeftOut(_RBAC),
    "deploymentStrategy.type": Kept("strategy.type"),
    "deploymentStrategy.rollingUpdate.maxSurge": Kept("strategy.rollingUpdate.maxSurge"),
    "deploymentStrategy.rollingUpdate.maxUnavailable": Kept("strategy.rollingUpdate.maxUnavailable"),
    "env": Converted(variables.from_list),
    "envFrom": Converted(variables.from_sources),
    "externalSecrets.*": LeftOut(
        "belongs to an ExternalSecret. Write it into extraObjects, and name the Secret that it makes in "
        "backendStore.existingDatabaseSecret.",
        within="externalSecrets.enabled",
    ),
    "extraInitContainers": Kept("initContainers"),
    "garbageCollection.*": LeftOut(_GARBAGE, within="garbageCollection.enabled"),
    "global": LeftOut(GLOBAL),
    "image.repository": LeftOut(OLD_IMAGE, default="ghcr.io/mlflow/mlflow"),
    "image.tag": LeftOut(OLD_TAG),
    "metrics.enabled": NotNeeded("is not needed, because metrics always have a port of their own."),
    "metrics.path": Kept("serviceMonitor.telemetryPath"),
    "mlflow.artifactsDestination": Converted(artifacts.destination),
    "mlflow.backendStoreUri": Converted(database.tracking),
    "mlflow.backendStoreUriFrom": Converted(_from_elsewhere),
    "mlflow.defaultArtifactRoot": Converted(artifacts.default_root),
    "mlflow.registryStoreUri": Converted(database.registry),
    "mlflow.registryStoreUriFrom": Converted(_registry_from_elsewhere),
    "namespace_rbac.extraRules": LeftOut(_RBAC),
    "networkPolicy.additionalEgressRules": Kept("networkPolicy.egress"),
    "podSecurityContext": Kept(superseded=_POD),
    "probes.*": LeftOut(_PROBES),
    "securityContext": Kept(superseded=_CONTAINER),
    "server.flag_options": Converted(options.flags),
    "server.staticPrefix": Kept("extraArgs.staticPrefix"),
    "server.value_options": Converted(options.arguments),
    "serviceAccount.automountServiceAccountToken": Kept("serviceAccount.automount"),
    "serviceMonitor.enabled": Converted(_monitor),
    "serviceMonitor.tlsConfig": NotNeeded("is not needed, because the port for metrics has no TLS."),
    "storage.accessMode": Kept("persistence.accessMode"),
    "storage.enabled": NotNeeded(
        "is not needed: a claim is made when SQLite or artifacts on disk need one.", default=False
    ),
    "storage.mountPath": NotNeeded("is not needed, because the data directory has its own place.", default="/mlflow"),
    "storage.size": Kept("persistence.size"),
    "storage.storageClassName": Kept("persistence.storageClass"),
    "tls.enabled": Converted(_tls),
    "tls.secretName": Converted(_tls_secret),
}

CHARTS = (Chart("official", "MLflow's official chart", OFFICIAL, variables.of_list),)
