"""How the server is reached: Service, Ingress, HTTPRoute, TLS, NetworkPolicy, ServiceMonitor."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from flowship.values.model.fields.section import CLUSTER_ONLY, Map, Port, Section
from flowship.values.model.fields.shape import Shape
from flowship.values.model.fields.texts import A_NAME

PORT_NAME = Shape(
    r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z",
    "is not a name that Kubernetes takes for a port. Write lower-case letters, digits and `-`, such as `http`.",
)
NAMESPACE = Shape(r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?\z", A_NAME)
RouteHost = Annotated[
    str,
    Shape(
        r"^(\*\.)?[A-Za-z0-9._-]+\z",
        "holds an item that is not a host name. Write names such as `mlflow.example.com` or `*.example.com`, without "
        "scheme, port or path.",
    ),
]
EXAMPLE_HOST = "chart-example.local"
"""The host that the specification's chart had by default."""


class Service(Section):
    """The Service in front of the pods."""

    type: Literal["ClusterIP", "NodePort", "LoadBalancer"] = "ClusterIP"
    """Type of the Service."""
    port: Port = 5000
    """Port of the Service. The container listens on 5000 whatever this is."""
    name: Annotated[str, PORT_NAME] = "http"
    """Name of that port."""
    metricsPort: int = Field(default=0, ge=0, le=65535)
    """Port of the Service for metrics, named `metrics`; without authentication, so inside the cluster only. When 0,
    9000, or 9001 where port is 9000. Services of type NodePort and LoadBalancer lack it: then a second Service,
    `<name>-metrics`, has it."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations of the Service."""


class IngressPath(Section):
    """A path of a host."""

    path: str = "/"
    """The path."""
    pathType: Literal["ImplementationSpecific", "Exact", "Prefix"] = "ImplementationSpecific"
    """How it is matched."""


class IngressHost(Section):
    """A host name that the Ingress answers for."""

    host: str
    """The host name."""
    paths: list[IngressPath] = Field(default_factory=lambda: [IngressPath()])
    """Paths that lead to the server."""


class Ingress(Section):
    """An Ingress in front of the Service; its hosts are allowed hosts and origins of the server."""

    enabled: bool = False
    """Create an Ingress."""
    className: Annotated[str, CLUSTER_ONLY] = ""
    """Its class."""
    annotations: Annotated[dict[str, str], CLUSTER_ONLY] = Field(default_factory=dict)
    """Its annotations."""
    hosts: list[IngressHost] = Field(default_factory=lambda: [IngressHost(host=EXAMPLE_HOST)])
    """Hosts and paths. The host of the default is an example, which is refused."""
    tls: list[Map] = Field(default_factory=list)
    """Certificates: a list of `hosts` and `secretName`."""


class HttpRoute(Section):
    """An HTTPRoute of the Gateway API; its host names are allowed hosts and origins of the server."""

    enabled: bool = False
    """Create an HTTPRoute."""
    parentRefs: Annotated[list[Map], CLUSTER_ONLY] = Field(default_factory=list)
    """The Gateways that it belongs to, as in `gateway.networking.k8s.io/v1`."""
    hostnames: list[RouteHost] = Field(default_factory=list)
    """Host names that it answers for."""
    annotations: Annotated[dict[str, str], CLUSTER_ONLY] = Field(default_factory=dict)
    """Its annotations."""


class Tls(Section):
    """TLS in the pods themselves, for those without an Ingress or Gateway that ends it."""

    secretName: str = ""
    """Name of a Secret of type `kubernetes.io/tls`. The Service's port then speaks HTTPS. Pods read it when they
    start."""


class NetworkPolicy(Section):
    """A NetworkPolicy for the pods. It takes ports, addresses and selectors, not host names."""

    enabled: bool = False
    """Create a NetworkPolicy: pods of the same namespace reach the server, and it reaches DNS and, on any address, the
    ports of the databases and directories that the values name, and port 443 for an object store."""
    clients: list[Map] = Field(default_factory=list)
    """Who else reaches the server, such as your ingress controller: a list of `podSelector`, `namespaceSelector` and
    `ipBlock`."""
    scrapers: list[Map] = Field(default_factory=list)
    """Who else reaches the metrics, such as your Prometheus."""
    egress: list[Map] = Field(default_factory=list)
    """What else the pods reach, such as an object store on another port: rules with `to` and `ports`."""


class ServiceMonitor(Section):
    """A ServiceMonitor for the Prometheus operator."""

    enabled: bool = False
    """Create a ServiceMonitor."""
    useServicePort: bool = False
    """Scrape through the Service's port instead of the pods'."""
    namespace: Annotated[str, NAMESPACE] = "monitoring"
    """Namespace of the ServiceMonitor."""
    interval: str = "30s"
    """Time between scrapes."""
    telemetryPath: str = "/metrics"
    """Path of the metrics."""
    labels: dict[str, str] = Field(default_factory=lambda: {"release": "prometheus"})
    """Labels by which your Prometheus selects ServiceMonitors."""
    timeout: str = "10s"
    """Time that a scrape may take."""
    metricRelabelings: list[Map] = Field(default_factory=list)
    """Changes to the metrics before they are stored."""
    targetLabels: list[str] = Field(default_factory=list)
    """Labels of the Service that the metrics shall carry."""
