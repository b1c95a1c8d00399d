"""The values that newcomers begin with: taken by `flowship check`, and rendered by both Helms to what each promises."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from flowship.values.reading.reading import refused
from tests.chart.rendering import SERVICE_MONITORS, require_restricted

if TYPE_CHECKING:
    from tests.chart.conftest import Render

ROOT = Path(__file__).parents[2]
PRESETS: dict[str, dict[str, Any]] = {
    file.stem: yaml.safe_load(file.read_text()) for file in sorted((ROOT / "examples" / "values").glob("*.yaml"))
}
each = pytest.mark.parametrize("name", PRESETS)

EVERYWHERE = {"Deployment", "Pod", "Secret", "Service", "ServiceAccount"}
PATIENT = {"CronJob", "Job"}
"""What backs up and collects garbage."""
OWN_DATABASE = {"ConfigMap", "NetworkPolicy", "PersistentVolumeClaim", "Role", "RoleBinding", "StatefulSet"}
PRODUCTION = {
    *("HorizontalPodAutoscaler", "NetworkPolicy", "PodDisruptionBudget"),
    *("ConfigMap", "PrometheusRule", "ServiceMonitor"),
}
KINDS = {
    "laptop": {"PersistentVolumeClaim"},
    "small-team": {*OWN_DATABASE, *PATIENT, "Ingress"},
    "air-gapped": {*OWN_DATABASE, *PATIENT, "Ingress"},
    "production-eks": {*PRODUCTION, *PATIENT, "Ingress"},
    "production-gke": {*PRODUCTION, *PATIENT, "HTTPRoute"},
    "production-aks": {*PRODUCTION, *PATIENT, "Ingress"},
}
"""What each makes, besides what every release has."""


@each
def test_flowship_check_takes_it(name: str) -> None:
    assert [finding.sentence for finding in refused(PRESETS[name])] == []


@each
def test_both_helms_render_what_it_promises(render: Render, name: str) -> None:
    values = {key: value for key, value in PRESETS[name].items() if key != "extraObjects"}
    objects = render(values, "--api-versions", SERVICE_MONITORS, "--kube-version", "1.31", release="mlflow")

    assert {thing["kind"] for thing in objects} == {*EVERYWHERE, *KINDS[name]}
    require_restricted(objects)


@each
def test_the_page_of_kubernetes_leads_to_it(name: str) -> None:
    page = (ROOT / "docs" / "how-to" / "kubernetes.md").read_text()

    assert f"](../../examples/values/{name}.yaml)" in page


def test_the_page_gives_a_reason_for_each_check_that_a_linter_leaves_out() -> None:
    left_out = yaml.safe_load((ROOT / "tests" / "chart" / "checkov.yaml").read_text())["skip-check"]
    page = (ROOT / "docs" / "how-to" / "kubernetes.md").read_text()

    assert sorted(re.findall(r"`(CKV\w+)`", page)) == sorted(left_out)


def test_objects_of_others_are_objects() -> None:
    """Kinds that only a cloud knows, of which there is no schema here."""
    others = [thing for values in PRESETS.values() for thing in values.get("extraObjects", [])]

    assert [(thing["apiVersion"], thing["kind"], thing["spec"]["targetRef"]["name"]) for thing in others] == [
        ("networking.gke.io/v1", "HealthCheckPolicy", "mlflow")
    ]
