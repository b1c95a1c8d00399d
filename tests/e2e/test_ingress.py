"""Reached through an Ingress with TLS, and through an HTTPRoute, under a static prefix; and TLS in the pod itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from tests.e2e.cluster import run, until
from tests.e2e.conftest import ingress_address

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.cluster import Namespace

HOST, ROUTE_HOST, PREFIX = "mlflow.example.com", "runs.example.com", "/ml"
CLASS = os.environ.get("E2E_INGRESS_CLASS", "traefik")

VALUES: dict[str, Any] = {
    "extraArgs": {"workers": 2, "staticPrefix": PREFIX},
    "service": {"port": 80},
    "ingress": {
        "enabled": True,
        "className": CLASS,
        "hosts": [{"host": HOST, "paths": [{"path": PREFIX, "pathType": "Prefix"}]}],
        "tls": [{"secretName": "ingress-tls", "hosts": [HOST]}],
    },
    "httpRoute": {"enabled": True, "parentRefs": [{"name": "gateway"}], "hostnames": [ROUTE_HOST]},
}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def pem(authority: trustme.CA) -> str:
    return authority.cert_pem.bytes().decode()


@pytest.fixture(scope="module")
def installed(namespace: Namespace, authority: trustme.CA) -> Namespace:
    for name, host in {"ingress-tls": HOST, "pod-tls": f"mlflow.{namespace.name}"}.items():
        issued = authority.issue_cert(host)
        chain = "".join(blob.bytes().decode() for blob in issued.cert_chain_pems)
        content = {"tls.crt": chain, "tls.key": issued.private_key_pem.bytes().decode()}
        namespace.secret(name, "kubernetes.io/tls", **content)
    namespace.apply("gateway.yaml")
    namespace.upgrade(VALUES)
    return namespace


@pytest.fixture(scope="module")
def address(installed: Namespace) -> str:
    return ingress_address(installed)


def search(namespace: Namespace, *arguments: str, pem: str = "") -> str:
    return namespace.python("reach.py", *arguments, **({"PEM": pem} if pem else {})).strip()


def test_helm_test_passes_under_a_static_prefix(installed: Namespace) -> None:
    assert "Succeeded" in installed.test()


def test_the_ingress_takes_searches_of_its_own_pages_and_of_no_others(
    installed: Namespace, address: str, pem: str
) -> None:
    through = (address, "443", HOST, PREFIX)
    until(lambda: search(installed, *through, pem=pem) == "200", "the ingress controller knows the Ingress")

    assert search(installed, *through, f"https://{HOST}", pem=pem) == "200"
    assert search(installed, *through, "https://evil.example.com", pem=pem) == "403"


def test_a_browser_finds_a_run_through_the_ingress(installed: Namespace, address: str, tmp_path: Path) -> None:
    """MLflow's pages search with a POST, which it refuses from an origin that it does not know."""
    installed.log("write", 80, PREFIX)
    made = installed.python("names.py", MLFLOW_TRACKING_URI=f"http://mlflow.{installed.name}:80{PREFIX}")
    experiment, name = made.split()
    command = [
        os.environ.get("E2E_BROWSER", "chromium"),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--ignore-certificate-errors",
        f"--host-resolver-rules=MAP {HOST} {address}",
        f"--user-data-dir={tmp_path}",
        "--virtual-time-budget=60000",
        "--window-size=1600,1200",
        "--dump-dom",
        f"https://{HOST}{PREFIX}/#/experiments/{experiment}/runs",
    ]
    until(lambda: name in run(installed.cluster.inside(command)), "the experiment's page shows the run", limit=120)


def test_the_http_route_takes_searches_of_its_own_pages_and_of_no_others(installed: Namespace, address: str) -> None:
    through = (address, "80", ROUTE_HOST, PREFIX)
    until(lambda: search(installed, *through) == "200", "the gateway knows the HTTPRoute")

    assert search(installed, *through, f"http://{ROUTE_HOST}") == "200"
    assert search(installed, *through, "http://evil.example.com") == "403"


def test_in_the_cluster_its_names_are_welcome_and_others_are_not(installed: Namespace) -> None:
    service = f"mlflow.{installed.name}"
    for host in ("mlflow", service, f"{service}.svc", f"{service}.svc.cluster.local", HOST, "localhost:5000"):
        assert search(installed, service, "80", host, PREFIX) == "200", host
    assert search(installed, service, "80", "evil.example.com", PREFIX) == "403"


def test_the_pod_itself_speaks_https_when_given_a_certificate(installed: Namespace, pem: str) -> None:
    installed.upgrade({"tls": {"secretName": "pod-tls"}, "extraArgs": {"workers": 2}})
    service = f"mlflow.{installed.name}"

    assert search(installed, service, "5000", service, "", pem=pem) == "200"
    assert "Succeeded" in installed.test()
