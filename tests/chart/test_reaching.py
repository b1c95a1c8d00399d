"""Service, Ingress, HTTPRoute, NetworkPolicy, ServiceMonitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.chart.rendering import SERVICE_MONITORS
from tests.effects import shows
from tests.unit.values.cases import AUTH, AUTH_POSTGRES, LDAP, MYSQL, POSTGRES, S3
from tests.unit.values.oidc_cases import OIDC, WORKLOADS, trusting

if TYPE_CHECKING:
    from tests.chart.conftest import Render

MONITORED = ("--api-versions", SERVICE_MONITORS)
OUTSIDE = pytest.mark.parametrize("kind", ["NodePort", "LoadBalancer"])


@shows("service.port", "service.name", "service.annotations", "service.metricsPort")
def test_the_services_port_is_the_users_and_the_pods_is_not(render: Render) -> None:
    service = {"port": 80, "name": "web", "metricsPort": 9090, "annotations": {"a": "b"}}
    objects = render({"service": service})
    (web, metrics) = objects.one("Service")["spec"]["ports"]

    assert web == {"name": "web", "port": 80, "targetPort": "http", "protocol": "TCP"}
    assert metrics == {"name": "metrics", "port": 9090, "targetPort": "metrics", "protocol": "TCP"}
    assert objects.one("Service")["metadata"]["annotations"] == {"a": "b"}
    assert {each["name"]: each["containerPort"] for each in objects.server["ports"]} == {"http": 5000, "metrics": 9000}


@pytest.mark.parametrize("kind", ["ClusterIP", "LoadBalancer"])
def test_our_own_port_gives_way_to_the_users_name_and_number(render: Render, kind: str) -> None:
    objects = render(
        {
            "service": {"port": 9000, "name": "metrics", "type": kind},
            "serviceMonitor": {"enabled": True, "useServicePort": True},
        },
        *MONITORED,
    )
    ports = [each for service in objects.of("Service") for each in service["spec"]["ports"]]
    (endpoint,) = objects.one("ServiceMonitor")["spec"]["endpoints"]

    assert {(each["name"], each["port"], each["targetPort"]) for each in ports} == {
        ("metrics", 9000, "http"),
        ("flowship-metrics", 9001, "metrics"),
    }
    assert endpoint["port"] == "flowship-metrics"


@OUTSIDE
@shows("service.type")
def test_metrics_are_not_on_a_service_that_the_world_reaches(render: Render, kind: str) -> None:
    objects = render({"service.type": kind, "serviceMonitor.enabled": True}, *MONITORED)
    own = objects.one("Service", "demo-mlflow-metrics")
    monitor = objects.one("ServiceMonitor")["spec"]["selector"]["matchLabels"]

    assert objects.one("Service", "demo-mlflow")["spec"]["type"] == kind
    assert [each["name"] for each in objects.one("Service", "demo-mlflow")["spec"]["ports"]] == ["http"]
    assert own["spec"]["type"] == "ClusterIP"
    assert [each["name"] for each in own["spec"]["ports"]] == ["metrics"]
    assert monitor.items() <= own["metadata"]["labels"].items()
    assert not monitor.items() <= objects.one("Service", "demo-mlflow")["metadata"]["labels"].items()


HOSTS = [
    {"host": "ml.example.com", "paths": [{"path": "/ml", "pathType": "Prefix"}, {"path": "/x", "pathType": "Exact"}]},
    {"host": "*.example.com"},
]


@shows(
    "ingress.enabled",
    "ingress.hosts",
    "ingress.className",
    "ingress.annotations",
    "ingress.tls",
)
def test_an_ingress_leads_its_hosts_to_the_service(render: Render) -> None:
    tls = [{"hosts": ["ml.example.com"], "secretName": "tls"}]
    objects = render(
        {
            "service.port": 80,
            "ingress": {"enabled": True, "className": "nginx", "annotations": {"a": "b"}, "hosts": HOSTS, "tls": tls},
        }
    )
    ingress = objects.one("Ingress")
    backend = {"service": {"name": "demo-mlflow", "port": {"number": 80}}}

    assert ingress["metadata"]["annotations"] == {"a": "b"}
    assert ingress["spec"]["ingressClassName"] == "nginx"
    assert ingress["spec"]["tls"] == tls
    assert [(rule["host"], rule["http"]["paths"]) for rule in ingress["spec"]["rules"]] == [
        (
            "ml.example.com",
            [
                {"path": "/ml", "pathType": "Prefix", "backend": backend},
                {"path": "/x", "pathType": "Exact", "backend": backend},
            ],
        ),
        ("*.example.com", [{"path": "/", "pathType": "ImplementationSpecific", "backend": backend}]),
    ]
    assert objects.pod_values["ingress"]["hosts"][0]["host"] == "ml.example.com"
    assert render().of("Ingress") == []


@shows("httpRoute.enabled", "httpRoute.hostnames", "httpRoute.parentRefs", "httpRoute.annotations")
def test_an_http_route_leads_its_hosts_to_the_service(render: Render) -> None:
    route = {
        "enabled": True,
        "hostnames": ["ml.example.com"],
        "parentRefs": [{"name": "public", "namespace": "gateways", "sectionName": "https"}],
        "annotations": {"a": "b"},
    }
    objects = render({"httpRoute": route, "extraArgs.staticPrefix": "/ml"})
    found = objects.one("HTTPRoute")

    assert found["metadata"]["annotations"] == {"a": "b"}
    assert found["spec"] == {
        "hostnames": ["ml.example.com"],
        "parentRefs": route["parentRefs"],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/ml"}}],
                "backendRefs": [{"name": "demo-mlflow", "port": 5000}],
            }
        ],
    }
    assert objects.pod_values["httpRoute"] == {"enabled": True, "hostnames": ["ml.example.com"]}
    (rule,) = render({"httpRoute": route}).one("HTTPRoute")["spec"]["rules"]
    assert rule["matches"][0]["path"]["value"] == "/"


def test_there_is_no_network_policy_unless_asked(render: Render) -> None:
    assert render().of("NetworkPolicy") == []


@shows("networkPolicy.enabled", "networkPolicy.clients", "networkPolicy.scrapers", "networkPolicy.egress")
def test_a_network_policy_lets_in_and_out_what_the_values_name(render: Render) -> None:
    gateway = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}
    prometheus = {"podSelector": {"matchLabels": {"app": "prometheus"}}}
    storage = {"to": [{"ipBlock": {"cidr": "10.1.0.0/16"}}], "ports": [{"port": 9000, "protocol": "TCP"}]}
    policy = {"enabled": True, "clients": [gateway], "scrapers": [prometheus], "egress": [storage]}
    spec = render({"networkPolicy": policy}).one("NetworkPolicy")["spec"]
    namespace: dict[str, Any] = {"podSelector": {}}

    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert spec["ingress"] == [
        {"ports": [{"port": 5000}], "from": [namespace, gateway]},
        {"ports": [{"port": 9000}], "from": [namespace, prometheus]},
    ]
    assert spec["egress"] == [{"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}, storage]


@pytest.mark.parametrize(
    ("values", "ports"),
    [
        ({**POSTGRES, "backendStore.postgres.port": 6432}, [6432]),
        (MYSQL, [3306]),
        ({**POSTGRES, **S3}, [5432, 443]),
        ({**POSTGRES, **S3, **AUTH, **AUTH_POSTGRES}, [5432, 443]),
        (LDAP, [636]),
        (OIDC, [443]),
        ({**OIDC, "oidcAuth.discoveryUrl": "https://id:8443/realms/a/.well-known/openid-configuration"}, [8443]),
        ({**AUTH, **WORKLOADS}, [443]),
        ({**AUTH, **trusting({"issuer": "https://gitlab:8443/a"}, {"jwksFile": "/etc/jwks.json"})}, [8443]),
        ({**LDAP, "ldapAuth.uri": "ldap://ldap:3890/dc=mlflow"}, [3890]),
        ({**LDAP, "ldapAuth.uri": "ldap://ldap"}, [389]),
        ({**LDAP, "ldapAuth.uri": "ldap://a:3890/dc=mlflow,dc=test  ldaps://b"}, [3890, 636]),
    ],
    ids=lambda value: ",".join(map(str, value))[-50:],
)
def test_a_network_policy_lets_out_to_the_ports_that_the_values_name(
    render: Render, values: dict[str, Any], ports: list[int]
) -> None:
    spec = render({**values, "networkPolicy.enabled": True}).one("NetworkPolicy")["spec"]

    assert [each["port"] for each in spec["egress"][1]["ports"]] == ports


@shows(
    "serviceMonitor.enabled",
    "serviceMonitor.namespace",
    "serviceMonitor.interval",
    "serviceMonitor.telemetryPath",
    "serviceMonitor.labels",
    "serviceMonitor.timeout",
    "serviceMonitor.metricRelabelings",
    "serviceMonitor.targetLabels",
)
def test_a_service_monitor_scrapes_the_metrics_port(render: Render) -> None:
    relabelings = [{"action": "labeldrop", "regex": "pod"}]
    default = render({"serviceMonitor.enabled": True}, *MONITORED).one("ServiceMonitor")
    own = render(
        {
            "serviceMonitor": {
                "enabled": True,
                "namespace": "observability",
                "interval": "10s",
                "telemetryPath": "/other",
                "labels": {"team": "a"},
                "timeout": "5s",
                "metricRelabelings": relabelings,
                "targetLabels": ["app"],
            }
        },
        *MONITORED,
    ).one("ServiceMonitor")

    assert default["metadata"]["namespace"] == "monitoring"
    assert default["metadata"]["labels"]["release"] == "prometheus"
    assert default["spec"]["endpoints"] == [
        {
            "targetPort": "metrics",
            "path": "/metrics",
            "interval": "30s",
            "scrapeTimeout": "10s",
            "relabelings": [{"targetLabel": "job", "replacement": "demo-mlflow"}],
        }
    ]
    assert default["spec"]["namespaceSelector"] == {"matchNames": ["team-a"]}
    assert own["metadata"]["namespace"] == "observability"
    assert own["metadata"]["labels"]["team"] == "a"
    assert own["spec"]["endpoints"] == [
        {
            "targetPort": "metrics",
            "path": "/other",
            "interval": "10s",
            "scrapeTimeout": "5s",
            "relabelings": [{"targetLabel": "job", "replacement": "demo-mlflow"}],
            "metricRelabelings": relabelings,
        }
    ]
    assert own["spec"]["targetLabels"] == ["app"]


@shows("serviceMonitor.useServicePort")
def test_a_service_monitor_names_the_port_of_the_service_or_of_the_pods(render: Render) -> None:
    objects = render({"serviceMonitor": {"enabled": True, "useServicePort": True}}, *MONITORED)
    (endpoint,) = objects.one("ServiceMonitor")["spec"]["endpoints"]
    service = objects.one("Service")
    selector = objects.one("ServiceMonitor")["spec"]["selector"]["matchLabels"]

    assert endpoint["port"] in {each["name"] for each in service["spec"]["ports"]}
    assert selector.items() <= service["metadata"]["labels"].items()


def test_without_the_operator_no_service_monitor_is_rendered(render: Render) -> None:
    assert render({"serviceMonitor.enabled": True}).of("ServiceMonitor") == []
