"""HorizontalPodAutoscaler and PodDisruptionBudget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.effects import shows
from tests.unit.values.cases import MYSQL, POSTGRES, S3

if TYPE_CHECKING:
    from tests.chart.conftest import Render

SHARED = {**POSTGRES, **S3}


@shows(
    "autoscaling.enabled",
    "autoscaling.minReplicas",
    "autoscaling.maxReplicas",
    "autoscaling.metrics",
    "autoscaling.behavior",
)
def test_an_autoscaler_decides_the_number_of_pods(render: Render) -> None:
    metrics = [
        {
            "type": "Resource",
            "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}},
        }
    ]
    behavior = {"scaleDown": {"stabilizationWindowSeconds": 300}}
    own = {"enabled": True, "minReplicas": 2, "maxReplicas": 10, "metrics": metrics, "behavior": behavior}
    objects = render({**SHARED, "autoscaling": own})
    scaler = objects.one("HorizontalPodAutoscaler")["spec"]

    assert scaler["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "demo-mlflow"}
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 10)
    assert scaler["metrics"] == metrics
    assert scaler["behavior"] == behavior
    assert "replicas" not in objects.one("Deployment")["spec"]


def test_by_default_it_measures_cpu_and_memory_for_which_the_containers_ask(render: Render) -> None:
    objects = render({**MYSQL, **S3, "autoscaling.enabled": True})
    scaler = objects.one("HorizontalPodAutoscaler")["spec"]

    assert {each["resource"]["name"] for each in scaler["metrics"]} == objects.server["resources"]["requests"].keys()
    assert "behavior" not in scaler


def test_pods_on_a_shared_claim_may_be_scaled(render: Render) -> None:
    values = {**POSTGRES, "persistence.accessMode": "ReadWriteMany", "autoscaling.enabled": True}

    assert render(values).of("HorizontalPodAutoscaler")


@shows("podDisruptionBudget.enabled", "podDisruptionBudget.maxUnavailable", "podDisruptionBudget.minAvailable")
def test_a_budget_says_how_many_pods_may_be_missing(render: Render) -> None:
    def budget(**values: object) -> dict[str, object]:
        found = render({"podDisruptionBudget": {"enabled": True, **values}}).one("PodDisruptionBudget")["spec"]
        return {key: found.get(key) for key in ("maxUnavailable", "minAvailable")}

    assert render().of("PodDisruptionBudget") == []
    assert budget() == {"maxUnavailable": 1, "minAvailable": None}
    assert budget(maxUnavailable="50%") == {"maxUnavailable": "50%", "minAvailable": None}
    assert budget(minAvailable=0) == {"maxUnavailable": None, "minAvailable": 0}
