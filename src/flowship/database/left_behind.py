"""SQLite files of before, when the values name a server now: runs and users that are there would silently be gone.

A server that has runs, or users, of its own has been moved to already, and an old file beside it is nobody's concern.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.database.engine import open_engine
from flowship.database.url import auth_file, auth_key, is_sqlite, sqlite_url, tracking_file, tracking_key
from flowship.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import URL, Connection

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
    """A file and the server in its place."""

    file: Path
    url: URL
    key: str
    """The key of the values that names the server."""
    content: Callable[[Connection], list[str]]
    """What a database holds that a user would miss, counted."""


def refuse_silent_loss(tracking: URL, auth: URL | None, values: Values, data: Path) -> None:
    """Refuse a server without any content where a file with some is, unless `backendStore.leaveBehind` names it.

    Raises:
        DatabaseError: it says what is where, and what to write.
    """
    accepted = {str(data.absolute() / name) for name in values.backendStore.leaveBehind}
    for move in _moves(tracking, auth, values, data):
        if str(move.file) in accepted or not move.file.is_file() or move.file.stat().st_size == 0:
            continue
        if (there := _content(sqlite_url(move.file), move)) and not _content(move.url, move):
            raise DatabaseError(
                f"{move.file} holds {_listed(there)}, and the database that {move.key} names holds none: the server"
                f" would start without them. To go on with the file, do not enable {move.key}. To begin anew, move the"
                f" file away, or write it into backendStore.leaveBehind: [{move.file}]. To carry the content over, copy"
                " its rows into the database first; the file may then stay."
            )


def _moves(tracking: URL, auth: URL | None, values: Values, data: Path) -> Iterator[_Move]:
    if not is_sqlite(tracking):
        yield _Move(tracking_file(data), tracking, tracking_key(values), _runs)
    if auth is not None and not is_sqlite(auth):
        admin = values.auth.adminUsername if values.auth.enabled else ""
        yield _Move(auth_file(values, data), auth, auth_key(values), lambda connection: _users(connection, admin))


def _content(url: URL, move: _Move) -> list[str]:
    with open_engine(url).connect() as connection:
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
