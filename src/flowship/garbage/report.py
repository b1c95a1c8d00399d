"""What a collection of garbage did, or would do: counts, what stays and why, and what could not be removed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from flowship.mlflow_seams.database.belongings import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES: dict[Kind, tuple[str, str]] = {
    "run": ("run", "runs"),
    "model": ("logged model", "logged models"),
    "trace": ("trace", "traces"),
    "experiment": ("experiment", "experiments"),
}


class Note(BaseModel):
    """One thing, and why it stays."""

    kind: Kind
    id: str
    why: str

    @property
    def sentence(self) -> str:
        """Say it to people."""
        return f"{NAMES[self.kind][0]} {self.id}: {self.why}"


class Thing(BaseModel):
    """One thing that was or would be removed, with its artifacts."""

    kind: Kind
    id: str
    deleted: datetime | None = None
    objects: int = 0
    bytes: int = 0


class Report(BaseModel):
    """The whole of a collection."""

    dry_run: bool = False
    older_than: str = ""
    things: list[Thing] = Field(default_factory=list)
    """What was removed; with `dry_run`, what would be."""
    traces: int = 0
    """Traces, which have no deleted state, and go with their experiments."""
    rows: int = 0
    kept: list[Note] = Field(default_factory=list)
    """What was deleted long ago and stays, because something points to it."""
    failed: list[Note] = Field(default_factory=list)
    """What could not be removed, or not wholly."""

    @property
    def bytes(self) -> int:
        """The bytes of all artifacts."""
        return sum(thing.bytes for thing in self.things)

    @property
    def objects(self) -> int:
        """The number of all artifacts."""
        return sum(thing.objects for thing in self.things)

    def count(self, kind: Kind) -> int:
        """Count the things of a kind."""
        return self.traces if kind == "trace" else sum(thing.kind == kind for thing in self.things)

    def counted(self) -> Iterator[str]:
        """Give the counts of each kind there is, in words."""
        for kind, (one, many) in NAMES.items():
            if count := self.count(kind):
                yield f"{count} {one if count == 1 else many}"
