"""Old volumes of a release of chart 0.16.5, which would lie idle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.rules.language.conditions import any_given, given
from flowship.values.rules.language.list_conditions import some_item
from flowship.values.rules.language.rule import Rule
from flowship.values.rules.storage.stores import STORES

if TYPE_CHECKING:
    from collections.abc import Iterator


def old_volumes() -> Iterator[Rule]:
    """What chart 0.16.5 kept on a volume in its working directory, /mlflow, is still found."""
    yield Rule(
        ("extraVolumeMounts", "artifactRoot.proxiedArtifactStorage"),
        some_item("extraVolumeMounts", "mountPath", r"^/mlflow/*(/mlartifacts/*)?\z")
        & given("artifactRoot.proxiedArtifactStorage")
        & ~any_given(*STORES)
        & ~some_item("extraVolumeMounts", "mountPath", r"^/var/lib/flowship/*(/artifacts/*)?\z"),
        "the first mounts a volume where chart 0.16.5 kept artifacts, and Flowship keeps them in "
        "/var/lib/flowship/artifacts. Write that as mountPath instead of /mlflow/mlartifacts; instead of /mlflow, with "
        "subPath mlartifacts.",
    )
    yield Rule(
        ("auth.sqliteFullPath", "extraVolumeMounts"),
        given("auth.enabled")
        & ~any_given("auth.postgres.enabled", "auth.sqliteFullPath")
        & some_item("extraVolumeMounts", "mountPath", r"^/mlflow/*\z"),
        "the first is empty, so users would be made anew in the data directory, while chart 0.16.5 kept them on the "
        "volume at /mlflow. Write auth.sqliteFullPath: /mlflow.",
    )
