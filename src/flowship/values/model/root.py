"""All values: the list of sections, and nothing else."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from flowship.values.model.cluster.backup import Backup
from flowship.values.model.cluster.exposure import HttpRoute, Ingress, NetworkPolicy, Service, ServiceMonitor, Tls
from flowship.values.model.cluster.gc import GarbageCollection
from flowship.values.model.cluster.monitoring import Metrics, PrometheusRule
from flowship.values.model.cluster.persistence import Persistence
from flowship.values.model.cluster.workload import (
    Autoscaling,
    HelmTest,
    Image,
    PodDisruptionBudget,
    ServiceAccount,
    Strategy,
    liveness_timing,
    readiness_timing,
    safe_pod_security_context,
    safe_security_context,
    startup_timing,
)
from flowship.values.model.fields.section import CLUSTER_ONLY, LARGEST, Map, Option, Password, Section
from flowship.values.model.fields.shape import Shape, Without
from flowship.values.model.fields.texts import A_NAME, AddressRange, VariableName
from flowship.values.model.server.access import Assistant, Auth, LdapAuth, Sessions, Tokens
from flowship.values.model.server.encryption import Encryption
from flowship.values.model.server.oidc import OidcAuth
from flowship.values.model.server.process import Server, ServerFlag, ServerOption, Telemetry
from flowship.values.model.storage.bundled import Mysql, Postgresql
from flowship.values.model.storage.existing_secrets import FlaskSecret
from flowship.values.model.storage.moving import Moving
from flowship.values.model.storage.stores import ArtifactRoot, BackendStore

PRIVATE = "x-"
"""What keys at the top level begin with that are the user's own, such as those that hold YAML's anchors."""

AllowedHost = Annotated[
    str,
    Shape(
        r"^[^ \t\r\n/,@]+\z",
        "holds an item that is not a host name. Write names such as `mlflow.example.com` or `*.example.com`, without "
        "scheme or path.",
    ),
]
Origin = Annotated[
    str,
    Shape(
        r"^(\*|[a-z*][a-z0-9+.*-]*://[^ \t\r\n/,]+)\z",
        "holds an item that is not an origin. Write scheme, host and port only, such as `https://mlflow.example.com`, "
        "without a path or a last slash.",
    ),
]
LABEL = Shape(
    r"^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?\z",
    "is not what Kubernetes takes in a label. Write letters, digits, `-`, `_` and `.`, such as `mlflow-2`.",
)
DNS_LABEL = Shape(r"^[a-z]([a-z0-9-]*[a-z0-9])?\z", f"{A_NAME[:-1]}, and a letter first.")
NOT_FALSE = Without(
    r"^false\z",
    "is only read by Helm, as the condition of a chart that has this one as a dependency. Remove it, or set it to "
    "true.",
)


class Values(Section):
    """One values file: what `flowship up -f` runs on a laptop is what `helm install -f` runs in a pod."""

    backendStore: BackendStore = BackendStore()
    artifactRoot: ArtifactRoot = ArtifactRoot()
    auth: Auth = Auth()
    ldapAuth: LdapAuth = LdapAuth()
    oidcAuth: OidcAuth = OidcAuth()
    sessions: Sessions = Sessions()
    tokens: Tokens = Tokens()
    assistant: Assistant = Assistant()

    allowedHosts: list[AllowedHost] = Field(default_factory=list)
    """Host names under which the server may be reached, besides localhost, private addresses and those of the
    Ingress; `*` inside a name stands for anything."""
    corsAllowedOrigins: list[Origin] = Field(default_factory=list)
    """Origins, such as `https://mlflow.example.com`, from which browsers may write, besides localhost and the
    Ingress's."""
    flaskServerSecretKey: Password = ""
    """Key that signs MLflow's forms; made once and kept with the data when empty."""
    trustedProxies: list[AddressRange] = Field(default_factory=list)
    """Addresses or networks, such as `10.0.0.0/8`, of proxies in front of the server whose `X-Forwarded-For` and
    `X-Forwarded-Proto` are believed, by MLflow too; of others, this machine included, such headers are taken away.
    Failed log-ins are counted, and requests logged, for the address that they name; without them, for the proxy's."""
    existingFlaskSecret: FlaskSecret = FlaskSecret()
    encryption: Encryption = Encryption()
    telemetry: Telemetry = Telemetry()
    server: Server = Server()

    extraArgs: dict[ServerOption, Option] = Field(default_factory=dict)
    """Options of `mlflow server` that take a value, in camelCase, such as `workers: 4` or `staticPrefix: /mlflow`."""
    extraFlags: list[ServerFlag] = Field(default_factory=list)
    """Options of `mlflow server` that take none, in camelCase."""
    extraEnvVars: dict[VariableName, Any] = Field(default_factory=dict, repr=False)
    """Environment variables. A name is given in upper case, and as written too if it has a lower-case letter. A map
    with `valueFrom` is a source of Kubernetes; other maps and lists become JSON."""

    image: Annotated[Image, CLUSTER_ONLY] = Image()
    imagePullSecrets: Annotated[list[Map], CLUSTER_ONLY] = Field(default_factory=list)
    """Secrets with which the image is pulled."""
    nameOverride: Annotated[str, CLUSTER_ONLY, LABEL] = ""
    """Name to use in labels and object names instead of the chart's."""
    fullnameOverride: Annotated[str, CLUSTER_ONLY, DNS_LABEL] = ""
    """Name of the objects, instead of one made from the release's."""

    replicaCount: Annotated[int, CLUSTER_ONLY, Field(ge=0, le=LARGEST)] = 1
    """Number of pods; more than one needs a server database and an object store."""
    strategy: Annotated[Strategy, CLUSTER_ONLY] = Strategy()
    autoscaling: Annotated[Autoscaling, CLUSTER_ONLY] = Autoscaling()
    resources: Annotated[Map, CLUSTER_ONLY] = Field(default_factory=dict)
    """Requests and limits of the containers. 250m of CPU and 768Mi of memory are requested where neither a request nor
    a limit of yours says more; with null, nothing."""
    startupProbe: Annotated[Map, CLUSTER_ONLY] = Field(default_factory=startup_timing)
    """Timing of the startup probe, which asks `/health` on port 9000; a handler of your own takes its place."""
    livenessProbe: Annotated[Map, CLUSTER_ONLY] = Field(default_factory=liveness_timing)
    """Timing of the liveness probe, which asks `/health` on port 9000; a handler of your own takes its place."""
    readinessProbe: Annotated[Map, CLUSTER_ONLY] = Field(default_factory=readiness_timing)
    """Timing of the readiness probe, which asks `/ready` on port 9000; a handler of your own takes its place."""
    terminationGracePeriodSeconds: Annotated[int, CLUSTER_ONLY, Field(ge=0, le=LARGEST)] = 0
    """Seconds that a pod may take to end; when 0, server.drainDelaySeconds, server.shutdownTimeoutSeconds and 10
    more."""
    podDisruptionBudget: Annotated[PodDisruptionBudget, CLUSTER_ONLY] = PodDisruptionBudget()
    persistence: Annotated[Persistence, CLUSTER_ONLY] = Persistence()
    backup: Backup = Backup()
    gc: Annotated[GarbageCollection, CLUSTER_ONLY] = GarbageCollection()

    service: Annotated[Service, CLUSTER_ONLY] = Service()
    ingress: Ingress = Ingress()
    httpRoute: HttpRoute = HttpRoute()
    tls: Annotated[Tls, CLUSTER_ONLY] = Tls()
    networkPolicy: Annotated[NetworkPolicy, CLUSTER_ONLY] = NetworkPolicy()
    serviceMonitor: Annotated[ServiceMonitor, CLUSTER_ONLY] = ServiceMonitor()
    metrics: Annotated[Metrics, CLUSTER_ONLY] = Metrics()
    prometheusRule: Annotated[PrometheusRule, CLUSTER_ONLY] = PrometheusRule()

    serviceAccount: Annotated[ServiceAccount, CLUSTER_ONLY] = ServiceAccount()
    podLabels: Annotated[dict[str, str], CLUSTER_ONLY] = Field(default_factory=dict)
    """Labels of the pods, besides those by which the Service finds them."""
    podAnnotations: Annotated[dict[str, str], CLUSTER_ONLY] = Field(default_factory=dict)
    """Annotations of the pods."""
    podSecurityContext: Annotated[Map, CLUSTER_ONLY] = Field(default_factory=safe_pod_security_context)
    """Security context of the pods; containers of your own have it too."""
    securityContext: Annotated[Map, CLUSTER_ONLY] = Field(default_factory=safe_security_context)
    """Security context of Flowship's containers; their user and group are 1001, unless this or podSecurityContext
    names others."""
    nodeSelector: Annotated[dict[str, str], CLUSTER_ONLY] = Field(default_factory=dict)
    """Labels of the nodes that pods may run on."""
    tolerations: Annotated[list[Map], CLUSTER_ONLY] = Field(default_factory=list)
    """Taints that pods tolerate."""
    affinity: Annotated[Map, CLUSTER_ONLY] = Field(default_factory=dict)
    """Affinity of the pods."""
    topologySpreadConstraints: Annotated[list[Map], CLUSTER_ONLY] = Field(default_factory=list)
    """How pods are spread over nodes and zones; without a `labelSelector`, the pods of this release are counted."""
    priorityClassName: Annotated[str, CLUSTER_ONLY] = ""
    """Priority class of the pods."""

    initContainers: Annotated[list[Map], CLUSTER_ONLY] = Field(default_factory=list, repr=False)
    """Init containers of your own; they run after Flowship's."""
    extraContainers: Annotated[list[Map], CLUSTER_ONLY] = Field(default_factory=list, repr=False)
    """Containers of your own beside the server."""
    extraVolumes: Annotated[list[Map], CLUSTER_ONLY] = Field(default_factory=list)
    """Volumes of your own."""
    extraVolumeMounts: Annotated[list[Map], CLUSTER_ONLY] = Field(default_factory=list)
    """Where they are mounted in Flowship's containers."""
    extraSecretNamesForEnvFrom: list[str] = Field(default_factory=list)
    """Secrets whose keys become environment variables."""
    extraObjects: Annotated[list[Map], CLUSTER_ONLY] = Field(default_factory=list, repr=False)
    """Objects of your own that are installed with the release, as they are."""
    helmTest: Annotated[HelmTest, CLUSTER_ONLY] = HelmTest()
    moving: Annotated[Moving, CLUSTER_ONLY] = Moving()

    postgresql: Postgresql = Postgresql()
    mysql: Mysql = Mysql()
    enabled: Annotated[bool, Field(exclude=True), NOT_FALSE] = True
    """Read by Helm, where a chart that has this one as a dependency names it as the condition."""
    global_: Map = Field(default_factory=dict, alias="global", exclude=True)
    """Helm's own: values for every subchart."""

    @model_validator(mode="before")
    @classmethod
    def _without_private(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if not str(key).startswith(PRIVATE)}
