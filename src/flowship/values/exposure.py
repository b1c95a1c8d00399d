"""How the server is reached: Service, Ingress, ServiceMonitor."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from flowship.values.section import Map, Port, Section


class Service(Section):
    """The Service in front of the pods."""

    type: Literal["ClusterIP", "NodePort", "LoadBalancer"] = "ClusterIP"
    """Type of the Service."""
    port: Port = 5000
    """Port of the Service. The container listens on 5000 whatever this is."""
    name: str = "http"
    """Name of that port."""
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
    className: str = ""
    """Its class."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Its annotations."""
    hosts: list[IngressHost] = Field(default_factory=lambda: [IngressHost(host="chart-example.local")])
    """Hosts and paths."""
    tls: list[Map] = Field(default_factory=list)
    """Certificates: a list of `hosts` and `secretName`."""


class ServiceMonitor(Section):
    """A ServiceMonitor for the Prometheus operator."""

    enabled: bool = False
    """Create a ServiceMonitor."""
    useServicePort: bool = False
    """Scrape through the Service's port instead of the pods'."""
    namespace: str = "monitoring"
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
