"""What a move has done: rows and sums of both sides, for people and for programs."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class TableReport(BaseModel):
    """A table on both sides."""

    part: str
    name: str
    rows: int
    """On the old side, as they were read."""
    arrived: int
    sum: str
    """The checksum of the old side's rows, changed where addresses of artifacts change."""
    arrived_sum: str
    rows_now: int
    """On the old side at the end, which tells whether somebody has written there meanwhile."""

    @property
    def same(self) -> bool:
        """Whether both sides hold the same."""
        return self.rows == self.arrived == self.rows_now and self.sum == self.arrived_sum


class ArtifactReport(BaseModel):
    """The artifacts that were copied."""

    old: str
    new: str
    files: int = 0
    octets: int = 0
    differing: list[str] = []
    """Paths of those that did not arrive as they were."""


class MoveReport(BaseModel):
    """A whole move."""

    kind: Literal["move"] = "move"
    old: list[str]
    new: list[str]
    tables: list[TableReport]
    left: list[str]
    """Tables of the old side that are not MLflow's, which stayed where they are."""
    seconds: float
    artifacts: ArtifactReport | None = None
    """None where artifacts stayed where they are."""

    @property
    def differing(self) -> list[TableReport]:
        """The tables that are not the same on both sides."""
        return [table for table in self.tables if not table.same]

    @property
    def same(self) -> bool:
        """Whether everything arrived as it was."""
        return not self.differing and not (self.artifacts and self.artifacts.differing)

    @property
    def rows(self) -> int:
        """All rows that have arrived."""
        return sum(table.arrived for table in self.tables)
