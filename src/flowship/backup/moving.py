"""Moves what a database of Bitnami's holds, which chart 0.16.5 had installed, into the one that takes its place.

A Job dumps the old server before anything is changed, and leaves nothing in it; another one restores the dump into the
new server, and MLflow waits for that. Both may be repeated: what is moved is not moved again.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Literal

from flowship.backup import restoring, taking
from flowship.backup.catalog import LATEST
from flowship.database.database import Database, Databases
from flowship.database.wait import wait
from flowship.errors import BackupError
from flowship.until import until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from flowship.backup.catalog import Catalog

    Report = Callable[[str], None]

Seen = Literal["old", "new", "unknown"]
"""Which server the chart saw before it changed anything: `unknown` where it could not ask the cluster, or saw none."""

REQUEST = "from-bitnami"
"""What the new server keeps as the request that it was restored for."""
NAME_LIMIT = 15.0
"""Seconds in which a Service that was made a moment ago is known by its name, if there is a pod behind it."""
PAUSE = 1.0


def begin_dump(
    old: Database, seen: Seen, catalog: Catalog, work: Path, environ: Mapping[str, str], report: Report
) -> None:
    """Write the script that dumps the old server, or one that does nothing when there is a dump and no such server.

    Raises:
        BackupError: there is neither, or the server holds nothing that can be moved.
        DatabaseError: the server does not answer.
    """
    if seen == "old" or (seen == "unknown" and _is_there(old)):
        taking.begin(Databases(old), catalog, work, environ, report)
        return
    good = catalog.good()
    if not good:
        raise BackupError(
            f"{old.key}.fromBitnami is true, but there is no database of Bitnami's in this release, nor a dump of one. "
            f"Set {old.key}.fromBitnami to false."
        )
    report(f"the dump of {good[-1].name} is here, and Bitnami's database is not; nothing is to be dumped")
    taking.skip(work)


def finish_dump(old: Database, catalog: Catalog, work: Path, report: Report) -> None:
    """Check and keep what the script has dumped, instead of an earlier dump. Raises as `begin_dump` does."""
    if taking.is_begun(work):
        taking.keep_begun(Databases(old), catalog, work, 1, report)


def begin_restore(new: Database, catalog: Catalog, work: Path, environ: Mapping[str, str], report: Report) -> None:
    """Write the script that loads the dump into the new server, or one that does nothing when that was done.

    Raises:
        BackupError: the dump is damaged, or the server holds something else.
        DatabaseError: the server does not answer.
    """
    wait(new, report=report)
    dump = catalog.find(LATEST).name
    moved = restoring.restored_from(Databases(new), REQUEST)
    if moved and moved != dump:
        raise BackupError(
            f"{new.named} holds what Bitnami's database held at {moved}, but that one was dumped again at {dump}. If "
            "MLflow wrote into the old one since, delete the claim of the new one, and upgrade again; if not, set "
            f"{new.key}.fromBitnami to false."
        )
    restoring.begin(Databases(new), catalog, dump, work, environ, report, requested=REQUEST)


def finish_restore(new: Database, catalog: Catalog, work: Path, report: Report) -> None:
    """Compare what came in with the dump. Raises as `begin_restore` does."""
    restoring.finish(Databases(new), catalog, REQUEST, work, report)


def _is_there(old: Database) -> bool:
    """Tell whether a pod of the old server has an address."""

    def is_known() -> bool:
        try:
            return bool(socket.getaddrinfo(old.url.host, old.url.port))
        except socket.gaierror:
            return False

    return until(is_known, every=PAUSE, limit=NAME_LIMIT)
