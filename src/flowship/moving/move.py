"""The whole move of the databases: what is refused before anything is written, the copy, and the comparison.

The old side is only read. The new side keeps how far the move is, in `flowship.database.own_tables.unfinished_move`.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.artifacts.change import DESTINATION
from flowship.database.database import Databases
from flowship.database.lock import locked
from flowship.database.migrating import character_set
from flowship.database.migrating.migrate import migrate
from flowship.database.migrating.revision import Standing, read_state
from flowship.database.own_tables import settings_table, unfinished, unfinished_move
from flowship.database.wait import wait
from flowship.errors import MoveError
from flowship.moving import sessions
from flowship.moving.addresses import UNCHANGED
from flowship.moving.alone import require_alone
from flowship.moving.batches import summed
from flowship.moving.copying import Sides, copy, place
from flowship.moving.files import copy as copy_files
from flowship.moving.fitting import require_fit
from flowship.moving.parts import make_own_tables, settings_to_move, tables_of
from flowship.moving.reflecting import reflect
from flowship.moving.report import ArtifactReport, MoveReport, TableReport
from flowship.moving.statements import quoted
from flowship.moving.tables import plan
from flowship.moving.unused import clear, require_unused

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.database.database import Database
    from flowship.moving.addresses import Addresses
    from flowship.moving.artifacts import Artifacts
    from flowship.moving.files import Arrived
    from flowship.moving.tables import Moved
    from flowship.moving.told import Told

    Report = Callable[[str], None]

LOCK_LIMIT = 5.0
"""Seconds to wait for somebody else who migrates or moves."""


@dataclass(frozen=True)
class Pair:
    """A part of MLflow on both sides, and the tables that are moved."""

    old: Database
    new: Database
    tables: tuple[Moved, ...]
    left: tuple[str, ...]


def move(
    old: Databases, new: Databases, told: Told, *, in_use: bool = False, artifacts: Artifacts | None = None
) -> MoveReport:
    """Move everything that the old databases hold into the new ones, or go on with that, and copy artifacts if there
    are some to be copied.

    Raises:
        MoveError: it cannot be moved; nothing was changed on the old side, and nothing that anybody keeps on the new.
        DatabaseError: a database does not answer, or the new side's tables cannot be made.
    """
    begun = time.monotonic()
    old, new = _apart(old, new)
    for database in old:
        _require_readable(database, told.step)
    for database in new.distinct:
        wait(database, report=told.step)
    if not in_use:
        for database in (*old.distinct, *new.distinct):
            require_alone(database)
    addresses = artifacts.addresses if artifacts else UNCHANGED
    begin = _begin(old, new, addresses, told.step)
    with ExitStack() as locks:
        for database in new.distinct:
            locks.enter_context(locked(database, report=told.step, timeout=LOCK_LIMIT))
        pairs = begin()
        copied = copy_artifacts(artifacts, told) if pairs and artifacts and not artifacts.stay else None
        found = MoveReport(
            old=[database.shown for database in old.distinct],
            new=[database.shown for database in new.distinct],
            tables=[table for pair in pairs for table in _moved(pair, addresses, told)],
            left=sorted({name for pair in pairs for name in pair.left}),
            artifacts=copied,
            seconds=round(time.monotonic() - begun, 1),
        )
        if found.same:
            if copied:
                settings_table.put(new.tracking.engine(), DESTINATION, copied.new)
            if pairs:
                unfinished_move.finish(new.tracking.engine())
            _forget(new)
    return found


def copy_artifacts(artifacts: Artifacts, told: Told) -> ArtifactReport:
    """Copy the artifacts. Raises MoveError when a store cannot be used."""
    found = ArtifactReport(old=artifacts.old.uri, new=artifacts.new.uri)

    def count(arrived: Arrived) -> None:
        found.files += 1
        found.octets += arrived.size
        if not arrived.same:
            found.differing.append(arrived.path)
        told.counted("copying artifacts", 0, 1)

    told.step(f"copying artifacts from {found.old} to {found.new}")
    copy_files(artifacts.old, artifacts.new, count)
    return found


def _apart(old: Databases, new: Databases) -> tuple[Databases, Databases]:
    """Leave out users who stay where they are, and refuse what cannot be moved there."""
    if old.auth is not None and new.auth is None:
        raise MoveError(
            f"{old.auth.named} holds users, and the values of --to name no place for them: enable the same way to sign"
            " in there, such as auth.enabled, or disable it in those of --from to leave the users behind."
        )
    if old.auth is not None and new.auth is not None and _place(old.auth) == _place(new.auth):
        old, new = Databases(old.tracking), Databases(new.tracking)
    if old.auth is None:
        new = Databases(new.tracking)
    for database in old.distinct:
        if same := next((each for each in new.distinct if _place(each) == _place(database)), None):
            raise MoveError(f"{database.named} and {same.named} are one database. Name another one in --to.")
    return old, new


def _place(database: Database) -> tuple[object, ...]:
    url = database.url
    return (database.kind, url.host, url.port, url.database, url.query.get("host"))


def _require_readable(database: Database, report: Report) -> None:
    """Refuse an old database that is not at this MLflow's revision."""
    if database.is_file and not (database.file.is_file() and database.file.stat().st_size):
        raise MoveError(f"{database.named} is not there. Write the directory that keeps it: --from-data DIR.")
    wait(database, report=report)
    unfinished.refuse(database)
    state = read_state(database.engine(), database.part)
    if state.standing is Standing.CURRENT:
        return
    copied = "add --from-copy DIR, which migrates a copy of the file and leaves it as it is, or "
    sentences = {
        Standing.EMPTY: "holds nothing of MLflow's, so there is nothing to move",
        Standing.FOREIGN: f"holds tables that are not MLflow's ({', '.join(state.strangers[:5])})",
        Standing.NEWER: f"is at revision {state.revision}, which this MLflow does not know: move with the newer one",
        Standing.OLDER: f"is at revision {state.revision or 'none'}, and this MLflow's is {state.head}:"
        f" {copied if database.is_file else ''}run `flowship migrate` with its values first, after a backup",
    }
    raise MoveError(f"{database.named} {sentences[state.standing]}.")


def _begin(old: Databases, new: Databases, addresses: Addresses, report: Report) -> Callable[[], list[Pair]]:
    """Make the new side's tables unless a move was begun; what it gives decides, under the lock, what is moved."""
    begun = [unfinished_move.find(each.engine()) for each in new.distinct if not each.is_file or each.file.exists()]
    if any(kept and unfinished_move.FINISHED in kept for kept in begun):
        report("everything had arrived when this was stopped")
        _forget(new)
        return list
    if not any(begun):
        migrate(new, upgrade=True, report=report)

    def begin() -> list[Pair]:
        pairs = [_pair(before, after) for before, after in zip(old, new, strict=False)]
        fresh = [pair for pair in pairs if _is_fresh(pair)]
        for pair in fresh:
            require_unused(pair.new, tables_of(pair.new.part, reflect(pair.new.engine())))
            if pair.new.kind == "mysql" and (complaint := character_set.complaint(pair.new.engine())):
                raise MoveError(f"{pair.new.named}: {complaint}")
        for pair in fresh:
            report(f"looking at what {pair.new.shown} could not hold")
            require_fit(pair.old, pair.new, pair.tables, addresses)
        for pair in fresh:
            _note(pair, report)
        return pairs

    return begin


def _pair(old: Database, new: Database) -> Pair:
    before, after = reflect(old.engine()), reflect(new.engine())
    wanted = tables_of(old.part, before)
    make_own_tables(new.engine(), wanted)
    if wanted - after.keys():
        after = reflect(new.engine())
    known = {name: before[name] for name in wanted & after.keys()}
    left = wanted - after.keys()
    return Pair(old, new, tuple(plan(known, after)), tuple(sorted(left)))


def _is_fresh(pair: Pair) -> bool:
    """Tell whether the move into a database is to be begun.

    Raises:
        MoveError: one from somewhere else was begun.
    """
    found = unfinished_move.find(pair.new.engine())
    if found is None or (whence := found.get(_mark(pair))) is None:
        return True
    if whence["whence"] != pair.old.shown:
        raise MoveError(
            f"{pair.new.named} holds a part of {whence['whence']}, whose move has not finished. Finish that one, or"
            " empty the database."
        )
    return False


def _mark(pair: Pair) -> str:
    return f"{unfinished_move.WHENCE}{pair.new.part}"


def _note(pair: Pair, report: Report) -> None:
    engine = pair.new.engine()
    clear(pair.new, {table.name for table in pair.tables})
    unfinished_move.begin(engine, _mark(pair), pair.old.shown)
    report(f"moving {pair.old.shown} to {pair.new.shown}")


def _moved(pair: Pair, addresses: Addresses, told: Told) -> list[TableReport]:
    """Copy the tables of a part, and compare both sides."""
    kept = unfinished_move.find(pair.new.engine()) or {}
    places = {}
    with sessions.reading(pair.old) as old, sessions.writing(pair.new) as new:
        sides = Sides(old, pair.old.kind, new, pair.new.kind)
        for table in pair.tables:
            here = place(kept.get(table.name))
            count = _counter(told, f"copying {table.name}", here.rows, _rows(pair.old, table))
            places[table.name] = here if here.done else copy(sides, table, here, addresses.change(table), count)
    _move_settings(pair)
    found = []
    with sessions.reading(pair.new) as new:
        for table in pair.tables:
            there = places[table.name]
            arrived = summed(new, table, pair.new.kind, _counter(told, f"comparing {table.name}", 0, there.rows))
            found.append(
                TableReport(
                    part=pair.new.part,
                    name=table.name,
                    rows=there.rows,
                    arrived=arrived.rows,
                    sum=f"{there.sum:016x}",
                    arrived_sum=f"{arrived.total:016x}",
                    rows_now=_rows(pair.old, table),
                )
            )
    return found


def _counter(told: Told, what: str, done: int, total: int) -> Callable[[int], None]:
    told.counted(what, total, done)
    return lambda more: told.counted(what, total, more)


def _rows(database: Database, table: Moved) -> int:
    name = quoted(database.kind)(table.name)
    with database.engine().connect() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one())  # noqa: S608 - quoted


def _move_settings(pair: Pair) -> None:
    """Move what Flowship keeps beside MLflow's tables, and read it back.

    Raises:
        MoveError: it is not there afterwards.
    """
    engine = pair.new.engine()
    for name, value in settings_to_move(pair.old.engine()).items():
        settings_table.put(engine, name, value)
        if settings_table.get(engine, name) != value:
            raise MoveError(f"{pair.new.named} does not keep the setting {name} as it is.")


def _forget(new: Databases) -> None:
    """Forget the move, in the database last that says that it has finished."""
    for database in reversed(new.distinct):
        unfinished_move.end(database.engine())
