"""SQLite files of before, when the values name a server now: runs and users that are there would silently be gone.

A server that has runs, or users, of its own has been moved to already, and an old file beside it is nobody's concern.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.database.engine import open_engine
from flowship.database.from_values import auth_file, tracking_file
from flowship.database.url import sqlite_url
from flowship.errors import DatabaseError
from flowship.values.model import signing_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from flowship.database.database import Database, Databases
    from flowship.values.model.root import Values

CONTENT = {
    "runs": "runs",
    "trace_info": "traces",
    "logged_models": "logged models",
    "registered_models": "registered models",
    "evaluation_datasets": "datasets",
}
"""Tables of the tracking database that only users fill, and what to call their rows."""


@dataclass(frozen=True)
class _Move:
    """A SQLite file of before, and the server that the values name in its place."""

    file: Path
    server: Database
    content: Callable[[Connection], list[str]]
    """Counts what a database holds that a user would miss."""


def refuse_silent_loss(databases: Databases, values: Values, data: Path) -> None:
    """Refuse a server without any content where a file with some is, unless `backendStore.leaveBehind` names it.

    Raises:
        DatabaseError: it says what is where, and what to write.
    """
    for move, there in _lost(databases, values, data):
        key = move.server.key
        raise DatabaseError(
            f"{move.file} holds {_listed(there)}, and the database that {key} names holds none: the server would"
            f" start without them. To carry the content over, set backendStore.fromSQLite to true, or run: flowship"
            f" move --to FILE --from-data {data.absolute()}. To go on with the file, do not enable {key}. To begin"
            f" anew, move the file away, or write it into backendStore.leaveBehind: [{move.file}]."
        )


def found(databases: Databases, values: Values, data: Path) -> bool:
    """Tell whether there is a file with content, which is not to be left behind, and none in the server that the values
    name in its place."""
    return any(_lost(databases, values, data))


def _lost(databases: Databases, values: Values, data: Path) -> Iterator[tuple[_Move, list[str]]]:
    accepted = {str(data.absolute() / name) for name in values.backendStore.leaveBehind}
    for move in _moves(databases, values, data):
        if str(move.file) in accepted or not move.file.is_file() or move.file.stat().st_size == 0:
            continue
        if (there := _content(open_engine(sqlite_url(move.file)), move)) and not _content(move.server.engine(), move):
            yield move, there


def _moves(databases: Databases, values: Values, data: Path) -> Iterator[_Move]:
    tracking, auth = databases.tracking, databases.auth
    if not tracking.is_file:
        yield _Move(tracking_file(data), tracking, _runs)
    if auth is not None and not auth.is_file:
        found = signing_in.admin(values)
        admin = found.name if found else ""
        yield _Move(auth_file(values, data), auth, lambda connection: _users(connection, admin))


def _content(engine: Engine, move: _Move) -> list[str]:
    with engine.connect() as connection:
        return move.content(connection)


def _runs(connection: Connection) -> list[str]:
    found = [f"{count} {name}" for table, name in CONTENT.items() if (count := _count(connection, table))]
    # The first one is the default experiment, which MLflow makes itself.
    if (count := _count(connection, "experiments")) > 1:
        found.insert(0, f"{count} experiments")
    return found


def _users(connection: Connection, admin: str) -> list[str]:
    count = _count(connection, "users", without=admin)
    return [f"{count} users beside the admin" if admin else f"{count} users"] if count else []


def _count(connection: Connection, table: str, without: str | None = None) -> int:
    from sqlalchemy import column, func, inspect, select
    from sqlalchemy import table as any_table

    if not inspect(connection).has_table(table):
        return 0
    statement = select(func.count()).select_from(any_table(table))
    if without is not None:
        statement = statement.where(column("username") != without)
    return int(connection.execute(statement).scalar_one())


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
