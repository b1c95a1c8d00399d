"""What becomes of artifacts in a move: they stay where they are, or are copied and their addresses changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.artifacts.behind import BEHIND
from flowship.artifacts.credentials import client_environment
from flowship.artifacts.location import artifact_location
from flowship.errors import MoveError
from flowship.moving.artifacts.files import Place
from flowship.moving.rows.addresses import UNCHANGED, Addresses
from flowship.values.model.variables import extra_variables

if TYPE_CHECKING:
    from pathlib import Path

    from flowship.values.model.root import Values


@dataclass(frozen=True)
class Route:
    """Where artifacts are, where they go, and how their addresses change."""

    old: Place
    new: Place
    addresses: Addresses

    @property
    def stay(self) -> bool:
        """Whether both sides keep them at the same place."""
        return self.old.uri == self.new.uri


def route(old: tuple[Values, Path] | None, new: tuple[Values, Path], kept: str | None) -> Route:
    """Decide from the values and data directories of both sides. `kept` is the place behind the old server, as its
    database knows it; without values of the old side it is the only one.

    Addresses of the old place change into such of the new one or, where clients reach that through the server alone,
    into ones behind the server.

    Raises:
        MoveError: the old side keeps artifacts at two places, and the new one at neither.
    """
    after = artifact_location(*new)
    before = after if old is None else artifact_location(*old)
    kept = kept.rstrip("/") if kept else None
    place = kept if kept and (old is None or before.proxied) else before.uri.rstrip("/")
    there = after.uri.rstrip("/")
    if place != there and kept and kept not in {place, there}:
        raise MoveError(
            f"The old side keeps artifacts at two places, {place} and, of older experiments, {kept}; the values of --to"
            f" name {there}. Add --leave-artifacts, and copy them yourself."
        )
    values = new[0] if old is None else old[0]
    addresses = UNCHANGED if place == there else Addresses(place, BEHIND if after.proxied else there)
    return Route(_place(values, new[0], place), _place(new[0], values, there), addresses)


def _place(values: Values, others: Values, uri: str) -> Place:
    """Give a place with the variables of its own side, and none of the other's."""
    foreign = {**extra_variables(others.extraEnvVars), **client_environment(others)}
    own = {**extra_variables(values.extraEnvVars), **client_environment(values)}
    return Place(uri, {**dict.fromkeys(foreign), **own})
