"""What needs a newer MLflow than the one that is installed.

These are no rules of the chart, whose image may be one of the user's own: only who serves knows its MLflow.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from flowship.values.model.finding import Finding
from flowship.values.model.keys import lookup, split
from flowship.values.rules.storage.stores import DIRECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Needed:
    """A choice that an older MLflow does not know."""

    key: str
    choice: str
    since: tuple[int, int]
    """The first version of MLflow that knows it."""
    instead: str
    """What to write for an older one."""


NEEDED = (
    Needed(
        DIRECT,
        "only",
        (3, 18),
        "Write both, which lets clients do the same but forces nobody",
    ),
)


def too_new(values: Mapping[str, Any], installed: str) -> Iterator[Finding]:
    """Find what this version of MLflow cannot do."""
    for needed in NEEDED:
        if lookup(values, needed.key) == needed.choice and _release(installed) < needed.since:
            since = ".".join(map(str, needed.since))
            yield Finding(
                f"{needed.key}: {needed.choice} needs MLflow {since} or newer, and {installed} is installed. "
                f"{needed.instead}, or use an image or environment with MLflow {since}.",
                (split(needed.key),),
            )


def installed_mlflow() -> str:
    """Give the version of MLflow that serves here."""
    return version("mlflow")


def _release(installed: str) -> tuple[int, ...]:
    return tuple(int(part) for part in installed.split(".")[:2])
