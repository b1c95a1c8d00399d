"""What may not be combined in the containers of a pod: the user that they run as, and the user's own containers, mounts
and volumes, which chart 0.16.5 handed over to containers that ran as root and migrated nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.rules.cluster.workload import IN_THE_DATA_DIRECTORY
from flowship.values.rules.language.conditions import Condition, given, has_key, matches
from flowship.values.rules.language.list_conditions import every_item, item_holds, on_mount, some_item
from flowship.values.rules.language.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

MAY_TALK_TO_KUBERNETES = (
    given("initContainers") | given("extraContainers") | has_key("podAnnotations", "vault.hashicorp.com/agent-inject")
)
"""The pods have containers of the user's own, of which nobody can see whether they need the pod's token."""

_THIS_POD = r"^(localhost\z|127\.|::1\z|/)"


def _in_this_pod(section: str, variable: str) -> Condition:
    """A database is reached through the pod itself: by a proxy beside the server, or its socket."""
    named = matches(f"{section}.host", _THIS_POD) | matches(f"extraEnvVars.{variable}", _THIS_POD)
    return given(f"{section}.enabled") & named


BEHIND_A_PROXY = given("extraContainers") & (
    _in_this_pod("backendStore.postgres", "PGHOST")
    | _in_this_pod("backendStore.mysql", "MYSQL_HOST")
    | _in_this_pod("auth.postgres", "FLOWSHIP_AUTH_PGHOST")
)
"""A database is reached through a container that starts beside the server, after every init container."""

_ONLY_SIDECARS = every_item("initContainers", "restartPolicy", r"^Always\z")

_FETCHED = ~_ONLY_SIDECARS & given("extraVolumeMounts") & item_holds("extraVolumes", "emptyDir")
"""Files that the server may need, such as a certificate, are fetched by init containers of the user's own."""

STEPS_IN_THE_SERVER = BEHIND_A_PROXY | _FETCHED
"""Waiting and migrating, before the user's own init containers, would come too early: the server does both."""

MIGRATES_IN_THE_SERVER = STEPS_IN_THE_SERVER | _ONLY_SIDECARS
"""Nothing comes between migrating and serving: the server does both, and MLflow is imported once instead of twice."""


def containers() -> Iterator[Rule]:
    """Containers start, as a user that is allowed, and find what is mounted for them."""
    yield from _root()
    yield Rule(
        ("extraVolumeMounts",),
        some_item("extraVolumeMounts", "mountPath", r"^/+root(/|\z)"),
        "mounts something below /root, the home of the old image's user, where Flowship's may not look. Its home is "
        "/tmp, so write /tmp instead of /root, such as /tmp/.aws.",
    )
    yield Rule(
        ("auth.sqliteFullPath", "extraVolumeMounts"),
        given("auth.enabled")
        & ~given("auth.postgres.enabled")
        & matches("auth.sqliteFullPath", "^/")
        & ~IN_THE_DATA_DIRECTORY
        & ~on_mount("auth.sqliteFullPath", "extraVolumeMounts"),
        "the first is on no volume that the second mounts, so a pod could not write users there, or would lose them. "
        "Mount a volume there, or empty the first, which keeps users on the claim of persistence.",
        in_pods=True,
    )
    yield Rule(
        ("backup.enabled", "extraContainers"),
        given("backup.enabled") & BEHIND_A_PROXY,
        "pods that back up have no containers of the second, so they would not reach a database on localhost. Move its "
        "proxy to initContainers, with restartPolicy Always, or set the first to false.",
    )


def _root() -> Iterator[Rule]:
    pod, own = "podSecurityContext", "securityContext"
    yield Rule(
        (f"{own}.runAsUser", f"{pod}.runAsUser", f"{own}.runAsNonRoot"),
        _for_the_container("runAsUser", "0") & _for_the_container("runAsNonRoot", "true"),
        "root, which is 0, is forbidden by the last, so Kubernetes would start no container. Remove runAsUser, because "
        "the image needs no root, or set the last to false.",
    )


def _for_the_container(name: str, text: str) -> Condition:
    """What counts for a container is this text: its own, or the pod's if it has none."""
    own, of_the_pod = f"securityContext.{name}", f"podSecurityContext.{name}"
    return matches(own, rf"^{text}\z") | ~has_key("securityContext", name) & matches(of_the_pod, rf"^{text}\z")
