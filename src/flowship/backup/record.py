"""What the tracking database knows of its backups, in Flowship's own table: the last good one, and the one that it was
restored from. The server tells the first, pods wait for the second."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flowship.database.own_tables import settings_table

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from flowship.backup.manifest import Manifest
    from flowship.database.database import Database

LAST = "backup.last"
RESTORED = "backup.restored"
INSTEAD = "make it with an administrator's rights"


@dataclass(frozen=True)
class Restored:
    """What a database was restored from."""

    requested: str
    """As it was asked for: a name, or `latest`."""
    backup: str


def remember(tracking: Database, manifest: Manifest) -> None:
    """Keep in the tracking database when its last good backup was begun. Raises DatabaseError when it cannot be
    kept."""
    engine = tracking.engine()
    settings_table.create(engine, instead=INSTEAD)
    settings_table.put(engine, LAST, json.dumps({"name": manifest.name, "time": manifest.time.isoformat()}))


def last(engine: Engine) -> datetime | None:
    """Read when the last good backup was begun, if there is one."""
    kept = settings_table.get(engine, LAST)
    return datetime.fromisoformat(json.loads(kept)["time"]) if kept else None


def remember_restored(tracking: Database, restored: Restored) -> None:
    """Keep what the database was restored from."""
    kept = json.dumps({"requested": restored.requested, "backup": restored.backup})
    settings_table.put(tracking.engine(), RESTORED, kept)


def restored(engine: Engine) -> Restored | None:
    """Read what the database was restored from, if it was."""
    kept = settings_table.get(engine, RESTORED)
    return Restored(**json.loads(kept)) if kept else None
