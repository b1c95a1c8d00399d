"""What may not be combined in `gc`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.rules.cluster.containers import BEHIND_A_PROXY
from flowship.values.rules.cluster.workload import DATA_ON_DISK
from flowship.values.rules.language.conditions import given, matches
from flowship.values.rules.language.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

ON = "gc.enabled"


def garbage_collection() -> Iterator[Rule]:
    """The pods that collect know when and what, and reach it."""
    for key, example in {"gc.schedule": "`47 4 * * *`, or `@daily`", "gc.olderThan": "`30d`"}.items():
        sentence = f"is empty, but gc.enabled is true. Write when or how old, such as {example}."
        yield Rule((key,), given(ON) & ~given(key), sentence)
    yield Rule(
        (ON, "persistence.accessMode"),
        given(ON) & DATA_ON_DISK & matches("persistence.accessMode", r"^ReadWriteOncePod\z"),
        "a pod that collects garbage mounts the claim beside the server's, which ReadWriteOncePod forbids. Set the "
        "second to ReadWriteOnce, or the first to false.",
    )
    yield Rule(
        (ON, "extraContainers"),
        given(ON) & BEHIND_A_PROXY,
        "pods that collect garbage have no containers of the second, so they would not reach a database on localhost. "
        "Move its proxy to initContainers, with restartPolicy Always, or set the first to false.",
    )
