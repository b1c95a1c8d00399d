"""The Pod Security Standard `restricted`, as far as a pod without the host's namespaces can break it.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
HOST = ("hostNetwork", "hostPID", "hostIPC")


def violations(pod: dict[str, Any]) -> list[str]:
    """What a namespace that enforces `restricted` would refuse in the spec of a pod."""
    found = [f"{key} is true" for key in HOST if pod.get(key)]
    found += [f"volume {each['name']}" for each in pod.get("volumes", []) if not VOLUMES & each.keys()]
    for container in (*pod.get("initContainers", []), *pod["containers"]):
        found += [f"{container['name']}: {finding}" for finding in _of(container, pod.get("securityContext", {}))]
    return found


def _of(container: dict[str, Any], pod: dict[str, Any]) -> Iterator[str]:
    own = container.get("securityContext", {})
    effective = {**pod, **own}
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation is not false"
    if own.get("privileged"):
        yield "privileged"
    capabilities = own.get("capabilities", {})
    if "ALL" not in capabilities.get("drop", []):
        yield "capabilities are not dropped"
    if set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
        yield "capabilities are added"
    if effective.get("runAsNonRoot") is not True:
        yield "runAsNonRoot is not true"
    if effective.get("runAsUser") == 0:
        yield "runs as root"
    if effective.get("seccompProfile", {}).get("type") not in {"RuntimeDefault", "Localhost"}:
        yield "seccompProfile is not set"
    if any("hostPort" in port for port in container.get("ports", [])):
        yield "hostPort"
