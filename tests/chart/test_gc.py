"""The CronJob that collects garbage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.chart.rendering import require_restricted
from tests.chart.test_backup import SELECTORS, template
from tests.effects import shows
from tests.unit.values.cases import AUTH, MYSQL, POSTGRES, S3

if TYPE_CHECKING:
    from tests.chart.conftest import Render

ON = {"gc.enabled": True}


@shows(
    "gc.enabled",
    "gc.schedule",
    "gc.olderThan",
    "gc.concurrencyPolicy",
    "gc.successfulJobsHistoryLimit",
    "gc.failedJobsHistoryLimit",
    "gc.activeDeadlineSeconds",
    "gc.resources",
)
def test_a_cron_job_collects_garbage_by_the_schedule(render: Render) -> None:
    resources = {"requests": {"cpu": "1", "memory": "1Gi"}}
    own = {"schedule": "@hourly", "olderThan": "1w", "concurrencyPolicy": "Replace", "resources": resources}
    limits = {"successfulJobsHistoryLimit": 0, "failedJobsHistoryLimit": 2, "activeDeadlineSeconds": 60}
    assert render().of("CronJob") == []
    objects = render({"gc": {"enabled": True, **own, **limits}})
    spec = objects.one("CronJob", "demo-mlflow-gc")["spec"]
    (container,) = spec["jobTemplate"]["spec"]["template"]["spec"]["containers"]

    assert (spec["schedule"], spec["concurrencyPolicy"]) == ("@hourly", "Replace")
    assert (spec["successfulJobsHistoryLimit"], spec["failedJobsHistoryLimit"]) == (0, 2)
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] == 60
    assert (container["args"], container["resources"]) == (["gc", "--older-than", "1w"], resources)
    assert "gc" not in objects.pod_values


def test_it_requests_little_unless_told(render: Render) -> None:
    spec = template(render(ON).one("CronJob"))["spec"]

    assert spec["containers"][0]["resources"] == {"requests": {"cpu": "100m", "memory": "384Mi"}}


@pytest.mark.parametrize("values", [{}, POSTGRES, {**POSTGRES, **S3}, {**MYSQL, **AUTH}])
def test_its_pod_is_restricted_and_the_service_does_not_find_it(render: Render, values: dict[str, Any]) -> None:
    objects = render({**ON, **values, "podLabels": {"team": "a"}})
    found = template(objects.one("CronJob"))

    require_restricted(objects)
    assert set(found["metadata"]["labels"]) & SELECTORS == set()
    assert found["spec"]["automountServiceAccountToken"] is False


def test_it_is_where_the_claim_is_mounted(render: Render) -> None:
    def pod(values: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = template(render({**ON, **values}).one("CronJob"))["spec"]
        return found

    def data(spec: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {each["name"]: each for each in spec["volumes"]}["flowship-data"]
        return found

    for values in ({}, POSTGRES):  # the file of SQLite, or artifacts
        assert data(pod(values))["persistentVolumeClaim"] == {"claimName": "demo-mlflow-data"}
        (term,) = pod(values)["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        assert set(term["labelSelector"]["matchLabels"]) == SELECTORS
    assert "affinity" not in pod({"persistence.accessMode": "ReadWriteMany"})
    assert "affinity" not in pod({**POSTGRES, **S3})
    assert "persistentVolumeClaim" not in data(pod({**POSTGRES, **S3}))


def test_sidecars_that_lead_to_the_database_run_beside_it(render: Render) -> None:
    own = [{"name": "proxy", "image": "proxy", "restartPolicy": "Always"}, {"name": "own", "image": "own"}]
    spec = template(render({**ON, **POSTGRES, "initContainers": own}).one("CronJob"))["spec"]

    assert [each["name"] for each in spec["initContainers"]] == ["proxy"]


def test_the_bundled_databases_policy_lets_it_in(render: Render) -> None:
    values = {"postgresql.enabled": True, "networkPolicy.enabled": True}
    name = {"release": "demo", "app.kubernetes.io/component": "gc"}

    def clients(given: dict[str, Any]) -> list[Any]:
        policies = render({**values, **given}).of("NetworkPolicy")
        rules = [rule for each in policies for rule in each["spec"]["ingress"]]
        return [
            each["podSelector"]["matchLabels"] for rule in rules for each in rule["from"] if each.get("podSelector")
        ]

    assert name in clients(ON)
    assert name not in clients({})
