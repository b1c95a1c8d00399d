"""How the pods run: image, replicas, security, probes, resources, scheduling, autoscaling."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from flowship.values.section import LARGEST, Map, Section


class Image(Section):
    """The container image."""

    repository: str = "flowship/mlflow"
    """Registry and name of the image; it must hold Flowship."""
    tag: str = ""
    """Tag of the image; the chart's own version when empty."""
    pullPolicy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    """When the image is pulled."""


class ServiceAccount(Section):
    """The ServiceAccount of the pods."""

    create: bool = True
    """Create one."""
    name: str = ""
    """Its name; the release's full name when empty and `create` is true, else `default`."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations, such as the role that AWS, Google or Azure lend to it."""
    automount: bool = False
    """Mount its token into the pods. MLflow does not talk to Kubernetes, so it needs none."""


class RollingUpdate(Section):
    """How pods are replaced."""

    maxSurge: int | str = "100%"
    """How many more pods than wanted may run meanwhile."""
    maxUnavailable: int | str = 0
    """How many of the wanted pods may be missing meanwhile."""


class Strategy(Section):
    """How a new version takes over from the old one."""

    type: Literal["", "RollingUpdate", "Recreate"] = ""
    """RollingUpdate or Recreate. When empty: Recreate with SQLite or a volume that one node only can mount, else
    RollingUpdate."""
    rollingUpdate: RollingUpdate = RollingUpdate()


def _utilization(resource: str) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": 80}
    return {"type": "Resource", "resource": {"name": resource, "target": target}}


class Autoscaling(Section):
    """A HorizontalPodAutoscaler; it needs state that pods share: a server database and an object store."""

    enabled: bool = False
    """Let the number of replicas follow the load."""
    minReplicas: int = Field(default=1, ge=1, le=LARGEST)
    """Fewest replicas."""
    maxReplicas: int = Field(default=5, ge=1, le=LARGEST)
    """Most replicas."""
    metrics: list[Map] = Field(default_factory=lambda: [_utilization("memory"), _utilization("cpu")])
    """What is measured, as in `autoscaling/v2`."""
    behavior: Map = Field(default_factory=dict)
    """How fast it scales, as in `autoscaling/v2`."""


def resource_requests() -> Map:
    return {"requests": {"cpu": "250m", "memory": "512Mi"}}


def probe_timing() -> Map:
    return {"initialDelaySeconds": 10, "periodSeconds": 30, "timeoutSeconds": 3, "failureThreshold": 5}


def safe_pod_security_context() -> Map:
    return {
        "runAsNonRoot": True,
        "runAsUser": 1001,
        "runAsGroup": 1001,
        "fsGroup": 1001,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def safe_security_context() -> Map:
    return {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
    }
