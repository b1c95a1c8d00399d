"""Old volumes of a release of chart 0.16.5, which would lie idle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.rules.conditions import All, Given, Not, Some
from flowship.values.rules.list_conditions import ItemHas
from flowship.values.rules.rule import Rule
from flowship.values.rules.stores import STORES

if TYPE_CHECKING:
    from collections.abc import Iterator


def old_volumes() -> Iterator[Rule]:
    """What chart 0.16.5 kept on a volume in its working directory, /mlflow, is still found."""
    yield Rule(
        ("extraVolumeMounts", "artifactRoot.proxiedArtifactStorage"),
        All(
            ItemHas("extraVolumeMounts", "mountPath", "/mlflow/*(/mlartifacts/*)?"),
            Given("artifactRoot.proxiedArtifactStorage"),
            Not(Some(*map(Given, STORES))),
            Not(ItemHas("extraVolumeMounts", "mountPath", "/var/lib/flowship/*(/artifacts/*)?")),
        ),
        "the first mounts a volume where chart 0.16.5 kept artifacts, and Flowship keeps them in "
        "/var/lib/flowship/artifacts. Write that as mountPath instead of /mlflow/mlartifacts; instead of /mlflow, with "
        "subPath mlartifacts.",
    )
    yield Rule(
        ("auth.sqliteFullPath", "extraVolumeMounts"),
        All(
            Given("auth.enabled"),
            Not(Some(Given("auth.postgres.enabled"), Given("auth.sqliteFullPath"))),
            ItemHas("extraVolumeMounts", "mountPath", "/mlflow/*"),
        ),
        "the first is empty, so users would be made anew in the data directory, while chart 0.16.5 kept them on the "
        "volume at /mlflow. Write auth.sqliteFullPath: /mlflow.",
    )
