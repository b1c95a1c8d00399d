"""How the pods run: image, replicas, security, probes, resources, scheduling, autoscaling."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from flowship.values.model.fields.section import LARGEST, Map, Section
from flowship.values.model.fields.shape import Without
from flowship.values.model.fields.texts import Digest, ObjectName

OLD_IMAGE = Without(
    r"(^|/)burakince/mlflow\z",
    "is the image of the chart that Flowship replaces, and has no Flowship in it. Remove the key, or write the name of "
    "an image that holds Flowship.",
)


class Image(Section):
    """The container image."""

    repository: Annotated[str, OLD_IMAGE] = "flowship/mlflow"
    """Registry and name of the image; it must hold Flowship."""
    tag: str = ""
    """Tag of the image; when empty the chart's own versions, Flowship's and MLflow's."""
    digest: Digest = ""
    """Digest of the image, such as `sha256:...`; it decides instead of the tag."""
    pullPolicy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    """When the image is pulled."""


class ServiceAccount(Section):
    """The ServiceAccount of the pods."""

    create: bool = True
    """Create one."""
    name: ObjectName = ""
    """Its name; the release's full name when empty and `create` is true, else `default`."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations, such as the role that AWS, Google or Azure lend to it."""
    automount: bool | Literal[""] = ""
    """Mount its token into the pods. MLflow does not talk to Kubernetes, so it needs none. When empty, if there are
    containers of your own, which may need it: extraContainers, initContainers, or those of Vault's injector."""


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


class PodDisruptionBudget(Section):
    """A PodDisruptionBudget: how many pods may be missing when nodes are drained."""

    enabled: bool = False
    """Create a PodDisruptionBudget."""
    maxUnavailable: int | str = 1
    """How many pods may be missing, as a number or a percentage."""
    minAvailable: int | str = ""
    """How many pods must stay, instead of maxUnavailable."""


class HelmTestSecret(Section):
    """A Secret of your own with the user and password of someone who may log runs."""

    name: str = ""
    """Name of the Secret."""
    usernameKey: str = "username"
    """Key of the user in the Secret."""
    passwordKey: str = "password"
    """Key of the password in the Secret."""


class HelmTest(Section):
    """What `helm test` does: it logs a run with an artifact through the Service, reads it back and deletes it."""

    existingSecret: HelmTestSecret = HelmTestSecret()


REQUESTS = {"cpu": "250m", "memory": "768Mi"}
"""What the server requests. Four workers take 430 MiB at rest: with room above, an autoscaler at 80 % does not scale up
an idle server. No default of a key: Helm would lay it under a lower limit of the user's, which Kubernetes refuses."""


def startup_timing() -> Map:
    """Five minutes to start, on a node that is busy or slow."""
    return {"periodSeconds": 1, "timeoutSeconds": 3, "failureThreshold": 300}


def liveness_timing() -> Map:
    return {"initialDelaySeconds": 0, "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 6}


def readiness_timing() -> Map:
    return {"initialDelaySeconds": 0, "periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": 3}


OWN_USER = {"runAsUser": 1001, "runAsGroup": 1001}
"""The image's user and group. Containers have them and not the pod, whose containers may be the user's own too; and
they are no default of a key, which would hide what podSecurityContext says."""


def safe_pod_security_context() -> Map:
    return {
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
