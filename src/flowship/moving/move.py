"""The whole move of the databases: what is refused before anything is written, the copy, and the comparison.

The old side is only read. The new side keeps how far the move is, in `flowship.database.own_tables.unfinished_move`.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from flowship.artifacts.change import DESTINATION
from flowship.database.lock import locked
from flowship.database.own_tables import settings_table, unfinished_move
from flowship.database.wait import wait
from flowship.moving.alone import require_alone
from flowship.moving.artifacts.files import copy as copy_files
from flowship.moving.beginning import apart, begin, forget, require_readable
from flowship.moving.carrying import carry
from flowship.moving.report import ArtifactReport, MoveReport
from flowship.moving.rows.addresses import UNCHANGED

if TYPE_CHECKING:
    from flowship.database.database import Databases
    from flowship.moving.artifacts.files import Arrived
    from flowship.moving.artifacts.route import Route
    from flowship.moving.told import Told

LOCK_LIMIT = 5.0
"""Seconds to wait for somebody else who migrates or moves."""


def move(old: Databases, new: Databases, told: Told, *, in_use: bool = False, route: Route | None = None) -> MoveReport:
    """Move everything that the old databases hold into the new ones, or go on with that, and copy artifacts if there
    are some to be copied.

    Raises:
        MoveError: it cannot be moved; nothing was changed on the old side, and nothing that anybody keeps on the new.
        DatabaseError: a database does not answer, or the new side's tables cannot be made.
    """
    begun = time.monotonic()
    old, new = apart(old, new)
    for database in old:
        require_readable(database, told.step)
    for database in new.distinct:
        wait(database, report=told.step)
    if not in_use:
        for database in (*old.distinct, *new.distinct):
            require_alone(database)
    addresses = route.addresses if route else UNCHANGED
    pairs_of = begin(old, new, addresses, told.step)
    with ExitStack() as locks:
        for database in new.distinct:
            locks.enter_context(locked(database, report=told.step, timeout=LOCK_LIMIT))
        pairs = pairs_of()
        copied = _copy_artifacts(route, told) if pairs and route and not route.stay else None
        found = MoveReport(
            old=[database.shown for database in old.distinct],
            new=[database.shown for database in new.distinct],
            tables=[table for pair in pairs for table in carry(pair, addresses, told)],
            left=sorted({name for pair in pairs for name in pair.left}),
            artifacts=copied,
            seconds=round(time.monotonic() - begun, 1),
        )
        if found.same:
            if copied:
                settings_table.put(new.tracking.engine(), DESTINATION, copied.new)
            if pairs:
                unfinished_move.finish(new.tracking.engine())
            forget(new)
    return found


def _copy_artifacts(route: Route, told: Told) -> ArtifactReport:
    """Copy the artifacts. Raises MoveError when a store cannot be used."""
    found = ArtifactReport(old=route.old.uri, new=route.new.uri)

    def count(arrived: Arrived) -> None:
        found.files += 1
        found.octets += arrived.size
        if not arrived.same:
            found.differing.append(arrived.path)
        told.counted("copying artifacts", 0, 1)

    told.step(f"copying artifacts from {found.old} to {found.new}")
    copy_files(route.old, route.new, count)
    return found
