"""Lets a server's pod wait for the chart's Jobs: one restores its databases, which would be initialised otherwise; the
other takes a backup before a migration, from which there is no way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from flowship.backup import moving, record
from flowship.backup.explaining import explained
from flowship.backup.restoring import restored_from
from flowship.database.own_tables import unfinished_restore
from flowship.database.wait import wait
from flowship.errors import BackupError
from flowship.until import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.database.database import Database, Databases
    from flowship.values.model.root import Values
    from flowship.values.model.storage.bundled import Mysql, Postgresql

PAUSE = 1.0
RECENT = timedelta(minutes=15)
"""A backup that is not older when a migration is about to begin is as good as one that is taken for it."""
LIMIT = 6 * 3600.0
"""Seconds; a pod that ends then is started again, and waits again."""


@dataclass(frozen=True)
class Request:
    """A restore that the values ask for."""

    name: str
    """As the database keeps it."""
    said: str
    """The key with what it says."""
    what: str
    """What is restored."""
    advice: str
    """What to do where the database holds other data."""


def requested(values: Values) -> Request | None:
    """Find out which restore the values ask for, if they do."""
    if name := values.backup.restore:
        advice = "A backup is restored into an empty database only: name one, or empty backup.restore."
        return Request(name, f"backup.restore is {name}", f"backup {name}", advice)
    bundled: dict[str, Postgresql | Mysql] = {"postgresql": values.postgresql, "mysql": values.mysql}
    for key, section in bundled.items():
        if section.enabled and section.fromBitnami:
            said, what = f"{key}.fromBitnami is true", "the dump of Bitnami's database"
            advice = f"A dump is restored into an empty database only: set {key}.fromBitnami to false to keep this one."
            return Request(moving.REQUEST, said, what, advice)
    return None


def wait_until_restored(
    databases: Databases, request: Request, report: Callable[[str], None], *, limit: float = LIMIT
) -> None:
    """Wait until the databases are restored from what is asked for.

    Raises:
        BackupError: they hold something else, or nothing for too long.
        DatabaseError: a database does not answer.
    """
    tracking = databases.tracking
    for database in databases.distinct:
        wait(database, report=report)

    def is_restored() -> bool:
        if restored_from(databases, request.name):
            return True
        with explained(tracking, "Looking at"):
            begun = any(map(unfinished_restore.find, databases.distinct))
            empty = begun or not unfinished_restore.tables(tracking)
        if not empty and not restored_from(databases, request.name):  # it may have finished in between
            raise BackupError(f"{request.said}, but {tracking.named} holds other data. {request.advice}")
        return False

    if is_restored():
        return
    report(f"waiting until {request.what} is restored into {tracking.named}")
    if not until(is_restored, every=PAUSE, limit=limit):
        raise BackupError(
            f"{request.said}, but the Job that restores it has not finished for {limit:.0f} s. See its log."
        )


def wait_until_backed_up(tracking: Database, report: Callable[[str], None], *, limit: float = LIMIT) -> None:
    """Wait until there is a good backup of a moment ago.

    Raises:
        BackupError: there is none for too long.
    """
    enough = datetime.now(UTC) - RECENT

    def last() -> datetime | None:
        with explained(tracking, "Looking for a backup of"):
            return record.last(tracking.engine())

    def is_backed_up() -> bool:
        if (found := last()) is None or found < enough:
            return False
        report(f"the last good backup was begun at {found:%Y-%m-%d %H:%M:%S} UTC")
        return True

    if is_backed_up():
        return
    report("waiting for a backup, from before the migration")
    if not until(is_backed_up, every=PAUSE, limit=limit):
        since = f"since {found:%Y-%m-%d %H:%M:%S} UTC" if (found := last()) else "yet"
        raise BackupError(
            f"{tracking.named} would be migrated, but there is no good backup {since}, although backup.enabled is"
            " true. See the log of its Job, and start another one: kubectl create job --from=cronjob/NAME-backup"
            " before-migration"
        )
