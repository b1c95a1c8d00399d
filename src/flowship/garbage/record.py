"""What the tracking database knows of the garbage that was collected: the last time, and the sums since the first."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from flowship.database.own_tables import settings_table

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from flowship.garbage.report import Report

LAST = "garbage.last"


class Collected(BaseModel):
    """When garbage was collected last, what that freed, and what all times freed together."""

    model_config = ConfigDict(frozen=True)

    ended: datetime
    failed: int = 0
    """Things that could not be removed."""
    bytes: int = 0
    rows: int = 0
    bytes_total: int = 0
    rows_total: int = 0


def last(engine: Engine) -> Collected | None:
    """Read what is known of the last time, if there was one."""
    kept = settings_table.get(engine, LAST)
    return Collected.model_validate_json(kept) if kept else None


def remember(engine: Engine, report: Report, ended: datetime) -> None:
    """Keep what was done now. Raises DatabaseError when it cannot be kept."""
    before = last(engine)
    found = Collected(
        ended=ended,
        failed=len(report.failed),
        bytes=report.bytes,
        rows=report.rows,
        bytes_total=report.bytes + (before.bytes_total if before else 0),
        rows_total=report.rows + (before.rows_total if before else 0),
    )
    settings_table.put(engine, LAST, found.model_dump_json())
