"""What Helm says after an installation, by its words."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Protocol

import pytest
import yaml

from tests.chart.rendering import CHART, SERVICE_MONITORS, template
from tests.unit.values.cases import LDAP, nested
from tests.unit.values.oidc_cases import OIDC

if TYPE_CHECKING:
    from pathlib import Path

# `helm template` leaves the notes out, and Helm 3 prints them for a cluster only.
AS_AN_OBJECT = '{"notes": {{ tpl (.Files.Get "NOTES.txt") . | toJson }}}\n'
SERVERS: dict[str, Any] = {
    "backendStore.postgres.enabled": True,
    "backendStore.postgres.host": "db",
    "backendStore.postgres.database": "runs",
    "backendStore.postgres.user": "runs",
    "backendStore.postgres.password": "a password",
    "artifactRoot.s3.enabled": True,
    "artifactRoot.s3.bucket": "runs",
}


class Notes(Protocol):
    def __call__(self, values: dict[str, Any], *options: str) -> str: ...


@pytest.fixture(params=[3, 4], ids=["helm3", "helm4"])
def notes(request: pytest.FixtureRequest, tmp_path: Path) -> Notes:
    """The notes of the release `demo` for values by dotted key."""
    chart = shutil.copytree(CHART, tmp_path / "mlflow")
    shutil.move(chart / "templates" / "NOTES.txt", chart / "NOTES.txt")
    (chart / "templates" / "notes.yaml").write_text(AS_AN_OBJECT)

    def notes(values: dict[str, Any], *options: str) -> str:
        only = ("--show-only", "templates/notes.yaml")
        output = template(nested(values), *only, *options, major=request.param, chart=chart)
        text: str = yaml.safe_load(output)["notes"]
        return text

    return notes


def test_by_default_the_server_is_reached_by_a_forwarded_port(notes: Notes) -> None:
    text = notes({})

    version = yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"]
    assert f"MLflow {version}, by Flowship.\n" in text
    assert "Inside the cluster: http://demo-mlflow.team-a:5000\n" in text
    assert "On this machine:    http://localhost:5000, while this runs:\n" in text
    assert "  kubectl --namespace team-a port-forward service/demo-mlflow 5000\n" in text
    assert "From outside" not in text


def test_every_address_has_the_port_the_prefix_and_the_scheme(notes: Notes) -> None:
    text = notes({"service.port": 8443, "tls.secretName": "pod-tls", "extraArgs.staticPrefix": "/ml"})

    assert "Inside the cluster: https://demo-mlflow.team-a:8443/ml\n" in text
    assert "https://localhost:8443/ml, while this runs:" in text


@pytest.mark.parametrize(
    ("tls", "scheme"), [([], "http"), ([{"hosts": ["a.example.com"], "secretName": "a"}], "https")]
)
def test_each_host_of_an_ingress_is_an_address_from_outside(notes: Notes, tls: list[Any], scheme: str) -> None:
    hosts = [{"host": "a.example.com"}, {"host": "b.example.com"}]
    values = {"ingress.enabled": True, "ingress.hosts": hosts, "ingress.tls": tls, "extraArgs.staticPrefix": "/ml"}
    text = notes(values)

    assert f"From outside:       {scheme}://a.example.com/ml\n" in text
    assert f"From outside:       {scheme}://b.example.com/ml\n" in text
    assert "port-forward" not in text


@pytest.mark.parametrize("signing_in", [{}, LDAP, OIDC], ids=["none", "ldap", "oidc"])
@pytest.mark.parametrize("tls", [[], [{"secretName": "a"}]], ids=["plain", "tls"])
def test_what_everybody_may_do_is_said_where_nobody_signs_in_or_all_can_listen(
    notes: Notes, signing_in: dict[str, Any], tls: list[Any]
) -> None:
    ingress = {"ingress.enabled": True, "ingress.hosts": [{"host": "a.example.com"}], "ingress.tls": tls}
    text = notes({**signing_in, **ingress})
    said = " ".join(text.split())

    assert ("delete all runs, models and files, from outside of the cluster too." in said) == (signing_in == {})
    assert ("ingress.tls is empty, so the Ingress speaks plain HTTP" in said) == (tls == [])
    assert ("what is sent, passwords too." in said) == bool(tls == [] and signing_in)
    assert text.count("WARNING") == (signing_in == {}) + (tls == [])


def test_whoever_installs_it_with_nothing_is_told_what_to_write(notes: Notes) -> None:
    text = notes({})

    warning = text[text.index("WARNING") :].partition("\n\n")[0]
    assert " ".join(warning.split()).startswith(
        "WARNING: nobody has to sign in. Everybody who reaches the server may see, change and delete all runs, models "
    )
    written = yaml.safe_load(warning[warning.index("  auth:") :].partition("\nLDAP")[0])
    assert "WARNING" not in notes(written)
    assert max(map(len, warning.splitlines())) < 80


def test_each_host_of_a_route_is_an_address_that_the_gateway_serves(notes: Notes) -> None:
    values = {"httpRoute.enabled": True, "httpRoute.parentRefs": [{"name": "g"}], "httpRoute.hostnames": ["a", "b"]}
    text = notes(values)

    assert "From outside:       a, as the Gateway serves it\n" in text
    assert "From outside:       b, as the Gateway serves it\n" in text
    assert "port-forward" not in text


@pytest.mark.parametrize("kind", ["NodePort", "LoadBalancer"])
def test_a_service_for_others_says_which_keys_let_them_in(notes: Notes, kind: str) -> None:
    text = " ".join(notes({"service.type": kind}).split())

    assert "kubectl --namespace team-a get service demo-mlflow -o wide" in text
    assert "into allowedHosts, and its origin, such as http://mlflow.example.com, into corsAllowedOrigins" in text
    assert "port-forward" not in text


def test_what_to_try_and_where_to_look_is_always_said(notes: Notes) -> None:
    text = notes(SERVERS)
    fits = "An image without Flowship fails in its first container: image.repository must hold Flowship."

    assert "Try it:             helm test demo --namespace team-a\n" in text
    for command in ("describe pod", "logs --all-containers"):
        selected = "--selector app.kubernetes.io/instance=demo"
        assert f"  kubectl --namespace team-a {command} \\\n    {selected}\n" in text
    assert fits in " ".join(text.split())


@pytest.mark.parametrize(
    ("values", "claim"),
    [({}, "demo-mlflow-data"), ({"persistence.existingClaim": "old"}, "old"), (SERVERS, None)],
    ids=["own", "existing", "none"],
)
def test_the_claim_that_stays_is_named_where_there_is_one(
    notes: Notes, values: dict[str, Any], claim: str | None
) -> None:
    text = notes(values)

    assert ("PersistentVolumeClaim" in text) == (claim is not None)
    if claim:
        assert f"Data is on the PersistentVolumeClaim {claim}, which helm uninstall leaves." in text


def test_a_service_monitor_that_was_left_out_is_said(notes: Notes) -> None:
    values = {"serviceMonitor.enabled": True}
    left_out = " ".join(notes(values).split())

    assert "No ServiceMonitor was made, although serviceMonitor.enabled is true" in left_out
    assert "Install the Prometheus operator, then upgrade this release." in left_out
    assert "ServiceMonitor" not in notes(values, "--api-versions", SERVICE_MONITORS)
    assert "ServiceMonitor" not in notes({})


@pytest.mark.parametrize("section", ["postgresql", "mysql"])
def test_a_database_that_is_moved_is_said_with_what_may_go_and_when(notes: Notes, section: str) -> None:
    values = {f"{section}.enabled": True}
    text = " ".join(notes({**values, f"{section}.fromBitnami": True}).split())

    assert f"When you have seen your runs, set {section}.fromBitnami to false." in text
    assert f"delete pvc demo-{section}-from-bitnami data-demo-{section}-0" in text
    assert "logs --selector release=demo,app.kubernetes.io/component=move" in text
    assert "Bitnami" not in notes(values)


def test_what_to_register_at_the_provider_is_said(notes: Notes) -> None:
    ingress = {
        "ingress.enabled": True,
        "ingress.hosts": [{"host": "mlflow.example.com"}],
        "ingress.tls": [{"hosts": []}],
    }

    assert "Register there" not in notes({})
    assert "client mlflow:\n  https://mlflow.example.com/login/oidc/callback\n" in notes({**OIDC, **ingress})
    assert "client mlflow:\n  https://a/callback\n" in notes({**OIDC, "oidcAuth.redirectUri": "https://a/callback"})
    assert (
        "client mlflow:\n  the address of this server in the browser, and /ml/login/oidc/callback after it\n"
        in notes({**OIDC, "extraArgs.staticPrefix": "/ml"})
    )
