"""What is noted on the new side of how far a move is, in the transactions that write its rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flowship.database.own_tables.unfinished_move import TABLE
from flowship.moving.rows.sessions import execute, fetched
from flowship.moving.rows.statements import PLACEHOLDERS

if TYPE_CHECKING:
    from flowship.database.url import Kind as DatabaseKind
    from flowship.moving.rows.sessions import Connection


def note(connection: Connection, kind: DatabaseKind, name: str, state: dict[str, Any]) -> None:
    """Note something in the place of what was noted before."""
    mark = PLACEHOLDERS[kind]
    forget(connection, kind, name)
    execute(connection, f"INSERT INTO {TABLE} VALUES ({mark}, {mark})", name, json.dumps(state))  # noqa: S608 - our own


def noted(connection: Connection, kind: DatabaseKind, name: str) -> dict[str, Any] | None:
    """Read what was noted, if anything was."""
    found = fetched(connection, f"SELECT state FROM {TABLE} WHERE name = {PLACEHOLDERS[kind]}", name)  # noqa: S608
    return json.loads(found[0][0]) if found else None


def forget(connection: Connection, kind: DatabaseKind, name: str) -> None:
    """Remove a note."""
    execute(connection, f"DELETE FROM {TABLE} WHERE name = {PLACEHOLDERS[kind]}", name)  # noqa: S608 - our own
