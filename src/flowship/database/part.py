"""The parts of MLflow that keep tables of their own: what is tracked, and who may see it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from flowship.mlflow_seams.database import schema as mlflow_schema

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path


class Part(StrEnum):
    """A part of MLflow that keeps tables."""

    TRACKING = "tracking"
    AUTH = "auth"

    @property
    def migrations(self) -> Path:
        return mlflow_schema.tracking_migrations() if self is Part.TRACKING else mlflow_schema.auth_migrations()

    @property
    def revisions(self) -> Collection[str]:
        """Every revision that this MLflow knows."""
        return mlflow_schema.revisions(self.migrations)

    @property
    def head(self) -> str:
        """The revision of this MLflow."""
        below = mlflow_schema.revisions(self.migrations)
        (head,) = set(below) - set(below.values())
        return head
