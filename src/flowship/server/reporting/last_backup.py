"""When the last good backup was begun, as the tracking database tells: for `/ready` and a metric of the inner port."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

from flowship.backup import record
from flowship.server.reporting.now_and_then import NowAndThen

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.database.database import Database


class LastBackup(NowAndThen[datetime]):
    """Knows when the last good backup was begun, as of at most half a minute ago."""

    def __init__(self, tracking: Database, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(tracking, record.last, clock)

    def begun(self) -> datetime | None:
        """Tell when the last good backup was begun; None when there is none, or the database has not told yet."""
        return self.known()
