"""The chart as a whole: its metadata, everything on at once, any values, and values of other versions."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import flowship
from chartgen.mlflow_version import mlflow_version
from flowship.values.model.keys import leaves
from tests.chart.rendering import (
    CHART,
    SERVICE_MONITORS,
    RenderingError,
    pods,
    rendered,
    require_restricted,
)
from tests.e2e.old_release import old_defaults
from tests.helm import HelmMajor, run_helm
from tests.unit.values.strategies import SCHEMA, Taken

if TYPE_CHECKING:
    from pathlib import Path

    from hypothesis.strategies import SearchStrategy

    from tests.chart.conftest import Render

EVERYTHING_ON: dict[str, Any] = yaml.safe_load((CHART.parents[1] / "tests/chart/everything_on.yaml").read_text())
MONITORED = ("--api-versions", SERVICE_MONITORS)
BOTH = pytest.mark.parametrize("major", [3, 4])
OLD_DEFAULTS = old_defaults()

KINDS = {
    "ConfigMap",
    "CronJob",
    "Deployment",
    "HTTPRoute",
    "HorizontalPodAutoscaler",
    "Ingress",
    "Job",
    "NetworkPolicy",
    "Pod",
    "PodDisruptionBudget",
    "PrometheusRule",
    "Secret",
    "Service",
    "ServiceAccount",
    "ServiceMonitor",
}


@pytest.mark.parametrize("version", ["1.28.0", "1.37.0"])
def test_everything_on_renders_every_object_and_is_restricted(render: Render, version: str) -> None:
    objects = render(EVERYTHING_ON, *MONITORED, "--kube-version", version)

    assert {each["kind"] for each in objects} == KINDS
    require_restricted(objects)
    assert len(pods(objects)) == 6


def test_everything_on_sets_every_key_but_those_that_exclude_others() -> None:
    """A database or a login of another kind, the same thing inline, and names that have a good default."""
    left = {key for key, field in leaves() if not field.exclude and not _has(EVERYTHING_ON, key)}
    excluded = (
        "backendStore.",
        "artifactRoot.",
        "auth.",
        "ldapAuth.",
        "postgresql.",
        "mysql.",
        "existingFlaskSecret.",
        "encryption.",
    )
    defaults = (
        "backup.objectStore",
        "backup.secretName",
        "backup.persistence.",
        "fullnameOverride",
        "helmTest.",
        "image.digest",
        "persistence.",
        "podDisruptionBudget.",
        "serviceMonitor.",
    )

    assert {key for key in left if not key.startswith((*excluded, *defaults))} == {
        "flaskServerSecretKey",
        "oidcAuth.clientSecret",
    }


def _has(values: Any, key: str) -> bool:
    for part in key.split("."):
        if not isinstance(values, dict) or part not in values:
            return False
        values = values[part]
    return True


@BOTH
def test_helm_finds_nothing_to_complain_about(major: HelmMajor, tmp_path: Path) -> None:
    values = tmp_path / "values.yaml"
    values.write_text(yaml.safe_dump(EVERYTHING_ON))
    for options in ([], ["-f", str(values)]):
        run = run_helm(major, "lint", "--strict", *options, str(CHART))
        assert run.returncode == 0, run.stdout + run.stderr
        assert b"[WARNING]" not in run.stdout


def test_the_charts_versions_are_flowships_and_mlflows() -> None:
    metadata = yaml.safe_load((CHART / "Chart.yaml").read_text())
    dockerfile = (CHART.parents[1] / "Dockerfile").read_text()

    assert metadata["version"] == flowship.__version__
    assert metadata["appVersion"] == mlflow_version(CHART.parents[1])
    assert set(re.findall(r"ARG MLFLOW_VERSION=(\S+)", dockerfile)) == {metadata["appVersion"]}
    assert metadata["kubeVersion"] == ">=1.28.0-0"
    listed = {each["image"] for each in yaml.safe_load(metadata["annotations"]["artifacthub.io/images"])}
    databases = [rendered({name: {"enabled": True}}) for name in ("postgresql", "mysql")]
    assert listed == {each["image"] for objects in databases for pod in pods(objects) for each in pod["containers"]}


@BOTH
def test_the_package_holds_the_chart_and_nothing_else(major: HelmMajor, tmp_path: Path) -> None:
    run_helm(major, "package", str(CHART), "--destination", str(tmp_path)).check_returncode()

    assert [each.name for each in tmp_path.iterdir()] == [f"mlflow-{flowship.__version__}.tgz"]
    assert rendered(chart=tmp_path / f"mlflow-{flowship.__version__}.tgz", major=major).all == rendered(major=major).all


@BOTH
@pytest.mark.parametrize("values", [{}, OLD_DEFAULTS], ids=["none", "old"])
def test_values_without_any_of_our_defaults_render(major: HelmMajor, values: dict[str, Any], tmp_path: Path) -> None:
    """`--reuse-values` brings none of them."""
    chart = tmp_path / "mlflow"
    subprocess.run(["cp", "-r", str(CHART), str(chart)], check=True)
    (chart / "values.yaml").write_text("{}\n")
    objects = rendered({**values, "image": {"repository": "localhost/flowship"}}, major=major, chart=chart)

    assert {"Deployment", "Service", "Secret"} <= {each["kind"] for each in objects}
    assert objects.server["args"] == ["serve"]
    assert objects.pod["terminationGracePeriodSeconds"] == rendered().pod["terminationGracePeriodSeconds"]


@BOTH
def test_pods_are_restricted_although_chart_0_16_5_had_no_security_contexts(major: HelmMajor, tmp_path: Path) -> None:
    chart = tmp_path / "mlflow"
    subprocess.run(["cp", "-r", str(CHART), str(chart)], check=True)
    (chart / "values.yaml").write_text("{}\n")
    given = {"image": {"repository": "localhost/flowship"}, "resources": {"requests": {"cpu": "1"}}}
    objects = rendered({**OLD_DEFAULTS, **given}, major=major, chart=chart)

    require_restricted(objects)
    assert objects.pod["securityContext"]["fsGroup"] == 1001
    assert "securityContext" not in rendered({"podSecurityContext": None}, major=major).pod


@BOTH
def test_any_section_may_be_null(major: HelmMajor) -> None:
    for section in {key.partition(".")[0] for key, field in leaves() if not field.exclude}:
        assert rendered({section: None}, major=major).one("Deployment")


class Sensible(Taken):
    """Values that the schema takes; what is handed to Kubernetes as it is comes from the file above."""

    def map(self, schema: dict[str, Any]) -> SearchStrategy[dict[str, Any]]:
        if "properties" in schema:
            return super().map(schema)
        return super().map(schema) if schema.get("additionalProperties") == {"type": "string"} else st.just({})


WHOLE = (
    "affinity",
    "extraContainers",
    "extraObjects",
    "extraVolumes",
    "imagePullSecrets",
    "initContainers",
    "livenessProbe",
    "nodeSelector",
    "podLabels",
    "podSecurityContext",
    "readinessProbe",
    "resources",
    "securityContext",
    "startupProbe",
    "strategy",
    "tolerations",
    "topologySpreadConstraints",
)
"""Keys whose content only Kubernetes knows."""
PARTS = ("autoscaling", "podDisruptionBudget", "httpRoute", "networkPolicy", "serviceMonitor", "ingress", "persistence")
"""Sections with such keys, besides those below."""
OURS = {"enabled", "minReplicas", "maxReplicas", "hostnames", "hosts", "existingClaim", "accessMode"}


def handed_over(values: Any) -> Any:
    """The values, with what only Kubernetes knows from the file above."""
    example = EVERYTHING_ON
    whole = {key: example[key] for key in WHOLE if key in values}
    parts = {
        key: {name: each if name in OURS else example[key].get(name, "1") for name, each in values[key].items()}
        for key in PARTS
        if key in values
    }
    mounts = {key: example[key] for key in ("extraVolumes", "extraVolumeMounts") if values.get("extraVolumeMounts")}
    return {**values, **whole, **parts, "extraVolumeMounts": [], **mounts}


@BOTH
@settings(max_examples=40, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(values=Sensible().map(SCHEMA))
def test_any_values_are_refused_with_a_sentence_or_rendered_valid(major: HelmMajor, values: dict[str, Any]) -> None:
    given_values = handed_over(values)
    try:
        rendered(given_values, *MONITORED, major=major)
    except RenderingError as error:
        words = str(error)
        ours = re.search(r"execution error at .*: \n([a-zA-Z0-9_.\[\]]+(, [a-zA-Z0-9_.]+)*: [a-z`].*\.\n)+", words)
        assert ours or "values don't meet the specifications of the schema(s)" in words, words
