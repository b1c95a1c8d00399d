"""Flowship's values while they are made of another chart's, with what is to be said about that chart's keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowship.values.model.keys import dotted, lookup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Remark:
    """What a person should know about a key of the other chart; never what is in it, which may be a password."""

    key: str
    sentence: str
    left_out: bool
    """Whether something that had an effect is missing from Flowship's values."""


class Draft:
    """Values in the making."""

    def __init__(self, data: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
        self.data = data
        """The values of the other chart."""
        self.variables = variables
        """The environment variables that they give to the server: texts, and maps with `valueFrom`."""
        self.values: dict[str, Any] = {}
        self.remarks: list[Remark] = []
        self._origins: dict[tuple[str, ...], str] = {}

    def given(self, key: str) -> Any:
        """Give what the other chart's values hold at a dotted key."""
        return lookup(self.data, key)

    def put(self, key: str, path: Sequence[str], value: Any) -> None:
        """Write a value that comes from the other chart's `key`; what stands there already, stays."""
        *parents, last = path
        below = self.values
        for parent in parents:
            below = below.setdefault(parent, {})
        origin = self._origins.setdefault(tuple(path), key)
        if below.setdefault(last, value) != value:
            self.leave_out(
                key, f"contradicts {origin}, which was taken. Write {dotted(tuple(path))} yourself if it is wrong."
            )

    def leave_out(self, key: str, why: str) -> None:
        """Say that a key has no equal, and what to do instead."""
        self.remarks.append(Remark(key, why, left_out=True))

    def say(self, key: str, what: str) -> None:
        """Say what became of a key that is not needed, or of one that is now another."""
        self.remarks.append(Remark(key, what, left_out=False))


def inside(key: str, name: str) -> str:
    """Give the path of a key below another, as people write it."""
    return dotted((*key.split("."), name))
