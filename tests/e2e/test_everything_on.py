"""Every object that the chart can make, taken by a real API server; and what the notes know only of a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.chart.test_whole_chart import EVERYTHING_ON, KINDS
from tests.e2e.cluster import until

if TYPE_CHECKING:
    from tests.e2e.cluster import Namespace
    from tests.helm import HelmMajor

BOTH = pytest.mark.parametrize("major", [3, 4])
KEYS = (
    *("deployment", "service", "serviceaccount", "secret", "configmap", "ingress", "httproute", "hpa", "pdb"),
    *("cronjob", "job"),
)


def values(namespace: Namespace, **changes: Any) -> dict[str, Any]:
    """Everything on, with all objects in one namespace."""
    dashboards = {**EVERYTHING_ON["metrics"]["dashboards"], "namespace": namespace.name}
    here = {name: {**EVERYTHING_ON[name], "namespace": namespace.name} for name in ("serviceMonitor", "prometheusRule")}
    return {**EVERYTHING_ON, **here, "metrics": {"dashboards": dashboards}, **changes}


@BOTH
def test_the_api_server_takes_every_object(namespace: Namespace, major: HelmMajor) -> None:
    """The pod of `helm test` too, under the Pod Security Standard `restricted`; its account must be there already."""
    account = {**EVERYTHING_ON["serviceAccount"], "name": "default"}
    given = yaml.dump(values(namespace, serviceAccount=account), Dumper=yaml.CSafeDumper)
    options = ("--api-versions", "monitoring.coreos.com/v1", "--kube-version", "1.36", "--values", "-")
    objects = namespace.helm("template", "mlflow", str(namespace.cluster.chart), *options, major=major, given=given)

    taken = namespace.kubectl("apply", "--dry-run=server", "--output", "yaml", "--filename", "-", given=objects)

    assert {each["kind"] for each in yaml.safe_load(taken)["items"]} == KINDS


@BOTH
def test_everything_on_is_installed_and_its_pods_are_admitted(namespace: Namespace, major: HelmMajor) -> None:
    """They do not start, for their Secrets and images are made up."""
    release = namespace.named(f"all-{major}")
    host = {"hosts": [{"host": f"helm{major}.example.com"}]}
    release.upgrade(values(namespace, priorityClassName="", ingress={"enabled": True, **host}), major=major, wait=False)

    until(lambda: len(release.pods) >= 2, "two pods are admitted", limit=60)
    conditions = release.get("deployment", f"all-{major}-mlflow")["status"]["conditions"]
    assert "ReplicaFailure" not in {each["type"] for each in conditions}
    made = {
        each["kind"]
        for each in release.get(f"{','.join(KEYS)},prometheusrule,servicemonitor,networkpolicy")
        if owned(each, release)
    }
    assert made == KINDS - {"Pod"}
    release.helm("uninstall", release.release, major=major)


def owned(thing: dict[str, Any], release: Namespace) -> bool:
    """Whether an object is of the release; `extraObjects` carry no labels of the chart."""
    return bool(thing["metadata"].get("labels", {}).get("app.kubernetes.io/instance") == release.release)


@BOTH
def test_the_notes_name_a_claim_that_is_no_longer_mounted(namespace: Namespace, major: HelmMajor) -> None:
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    thing = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "mlflow-data"}, "spec": claim}
    namespace.kubectl("apply", "--filename", "-", given=yaml.dump(thing))
    servers = {
        "backendStore": {"postgres": {"enabled": True, "host": "db", "database": "a", "user": "a", "password": "a"}},
        "artifactRoot": {"s3": {"enabled": True, "bucket": "a"}},
    }

    said = " ".join(namespace.upgrade(servers, "--dry-run=server", major=major, wait=False).split())

    assert "The PersistentVolumeClaim mlflow-data of this release is not mounted any more." in said
    assert "set persistence.existingClaim to its name." in said
