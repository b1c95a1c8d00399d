"""What the last collection of garbage did, as the tracking database tells it: for metrics of the inner port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.garbage import record
from flowship.garbage.record import Collected
from flowship.server.reporting.now_and_then import NowAndThen

if TYPE_CHECKING:
    from flowship.database.database import Database


class LastCollection(NowAndThen[Collected]):
    """Knows what the last collection did, as of at most half a minute ago."""

    def __init__(self, tracking: Database) -> None:
        super().__init__(tracking, record.last)
