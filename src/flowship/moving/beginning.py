"""What is refused before anything is written, and what is moved then: pairs of databases, with their tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.database.database import Databases
from flowship.database.migrating import character_set
from flowship.database.migrating.migrate import migrate
from flowship.database.migrating.revision import Standing, read_state
from flowship.database.own_tables import unfinished, unfinished_move
from flowship.database.wait import wait
from flowship.errors import MoveError
from flowship.moving.parts import make_own_tables, tables_of
from flowship.moving.rows.fitting import require_fit
from flowship.moving.rows.reflecting import reflect
from flowship.moving.rows.tables import plan
from flowship.moving.unused import clear, require_unused

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.database.database import Database
    from flowship.moving.rows.addresses import Addresses
    from flowship.moving.rows.tables import Moved

    Report = Callable[[str], None]


@dataclass(frozen=True)
class Pair:
    """A part of MLflow on both sides, and the tables that are moved."""

    old: Database
    new: Database
    tables: tuple[Moved, ...]
    left: tuple[str, ...]


def apart(old: Databases, new: Databases) -> tuple[Databases, Databases]:
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


def require_readable(database: Database, report: Report) -> None:
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


def begin(old: Databases, new: Databases, addresses: Addresses, report: Report) -> Callable[[], list[Pair]]:
    """Make the new side's tables unless a move was begun; what it gives decides, under the lock, what is moved."""
    begun = [unfinished_move.find(each.engine()) for each in new.distinct if not each.is_file or each.file.exists()]
    if any(kept and unfinished_move.FINISHED in kept for kept in begun):
        report("everything had arrived when this was stopped")
        forget(new)
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
            report(f"looking at what of {pair.old.shown} would not fit into {pair.new.shown}")
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


def forget(new: Databases) -> None:
    """Forget the move, in the database last that says that it has finished."""
    for database in reversed(new.distinct):
        unfinished_move.end(database.engine())
